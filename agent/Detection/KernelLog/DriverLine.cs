using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// The driver is loaded, <c>NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  580.95.05</c>, or refuses to work:
/// <c>NVRM: API mismatch: the client has the version ...</c>, <c>NVRM: GPU 0000:01:00.0: RmInitAdapter failed!</c>.
/// </summary>
internal static partial class DriverLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("driver", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (line.Text.Contains("NVRM: API mismatch", StringComparison.Ordinal))
            return line.Sighting(EventKinds.Driver, EventSeverity.Warning, Components.Driver, "Kernel module and library of the driver are of different versions") with
            {
                Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { [DriverMatters.Detail] = DriverMatters.ApiMismatch },
                SuggestedAction = "Drain the node and reload the driver, or restart the node.",
            };
        if (LoadingForm().Match(line.Text) is { Success: true } loading)
            return line.Sighting(EventKinds.Driver, EventSeverity.Info, Components.Driver, $"The driver {loading.Groups["version"].Value} was loaded") with
            {
                // With a device of its own no storm of other lines about the driver holds it back.
                Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["device"] = "nvidia", [DriverMatters.Detail] = DriverMatters.Loaded },
            };
        if (!line.Text.Contains("RmInitAdapter failed", StringComparison.Ordinal) || InitialisationForm().Match(line.Text) is not { Success: true } match) return null;
        return line.Sighting(EventKinds.Driver, EventSeverity.Critical, Components.Driver, "The driver could not initialise the GPU", pciBusId: PciAddress.Normalize(match.Groups["pci"].Value)) with
        {
            Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["status"] = match.Groups["status"].Value },
            SuggestedAction = "Drain the node and restart it; the same GPU again: open a case with support.",
        };
    }

    [GeneratedRegex(@"NVRM: loading NVIDIA UNIX .{0,40}Kernel Module (?:for [^ ]{1,16} )? ?(?<version>[0-9]{1,5}(?:\.[0-9]{1,5}){1,3})(?: |$)")]
    private static partial Regex LoadingForm();

    [GeneratedRegex(@"NVRM: GPU (?<pci>[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]): RmInitAdapter failed! \((?<status>[0-9a-fA-Fx:]{1,64})\)")]
    private static partial Regex InitialisationForm();
}
