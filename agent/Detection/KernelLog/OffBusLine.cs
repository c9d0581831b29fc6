using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary><c>NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.</c> and <c>NVRM: GPU at PCI:0000:b3:00: has fallen off the bus</c>, without an XID.</summary>
internal static partial class OffBusLine
{
    private const int FellOffTheBus = 79;

    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("gpu_off_bus", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains("fallen off the bus", StringComparison.Ordinal) || Form().Match(line.Text) is not { Success: true } match) return null;
        var known = XidCatalogue.Describe(FellOffTheBus);
        return line.Sighting(EventKinds.GpuOffBus, known.Severity, known.Component, known.Title, pciBusId: PciAddress.Normalize(match.Groups["pci"].Value)) with
        {
            SuggestedAction = known.SuggestedAction,
            Runbook = known.Runbook,
        };
    }

    [GeneratedRegex(@"NVRM: (?:The NVIDIA )?GPU (?:at )?(?:PCI:)?(?<pci>[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?)\b[^\n]{0,200}fallen off the bus")]
    private static partial Regex Form();
}
