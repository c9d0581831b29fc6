using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// PCI Express advanced error reporting of NVIDIA's devices and of the bridges above them; which it is stands in the detail <c>at</c>.
/// Forms: <c>pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:91:00.0</c> and
/// <c>nvidia 0000:91:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Requester ID)</c>, and those of
/// kernels from 6.11 on (<c>Correctable error message received from</c>).
/// </summary>
internal static partial class AerLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("pcie_aer", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        var match = line.Text.Contains("AER: ", StringComparison.Ordinal) ? Received().Match(line.Text) : Match.Empty;
        if (!match.Success) match = line.Text.Contains("PCIe Bus Error: ", StringComparison.Ordinal) ? BusError().Match(line.Text) : Match.Empty;
        if (!match.Success) return null;
        var device = PciAddress.Normalize(match.Groups["pci"].Value);
        var place = context.Pci(device);
        var isNvidia = place.Role == PciRole.Nvidia || match.Groups["driver"].Value.StartsWith("nvidia", StringComparison.Ordinal);
        if (!isNvidia && place.Role != PciRole.Bridge) return null;
        var isCorrected = match.Groups["class"].Value.StartsWith("Correct", StringComparison.Ordinal);
        var isFatal = match.Groups["fatal"].Value == "Fatal";
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["device"] = device,
            ["at"] = isNvidia ? "device" : "bridge",
            ["class"] = isCorrected ? "corrected" : isFatal ? "fatal" : "nonfatal",
        };
        if (!isNvidia) details["behind"] = string.Join(' ', place.Devices);
        if (match.Groups["type"].Value is { Length: > 0 } type) details["layer"] = type;
        // A bridge with one device behind it is that device's link.
        var gpu = isNvidia ? device : place.Devices is [var only] ? only : "";
        return line.Sighting(EventKinds.PcieAer, isCorrected ? EventSeverity.Info : isFatal ? EventSeverity.Critical : EventSeverity.Warning, Components.Pcie,
            $"PCIe reports {(isCorrected ? "a corrected" : isFatal ? "a fatal" : "an uncorrected")} error of {(isNvidia ? "" : "the bridge ")}{device}", pciBusId: gpu) with
        {
            Details = details,
            SuggestedAction = isCorrected ? "" : "Reseat the board or its riser; the same slot again: replace it.",
        };
    }

    [GeneratedRegex(@"AER: (?:Multiple )?(?<class>Correct(?:ed|able)|Uncorrect(?:ed|able))(?: \((?<fatal>Fatal|Non-Fatal)\))? error (?:message )?received(?::| from) (?:id=)?(?<pci>[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7])")]
    private static partial Regex Received();

    [GeneratedRegex(@"(?<driver>[\w-]{1,64}) (?<pci>[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]): (?:AER: )?PCIe Bus Error: severity=(?<class>Correct(?:ed|able)|Uncorrect(?:ed|able))(?: \((?<fatal>Fatal|Non-Fatal)\))?(?:, type=(?<type>[^,]{1,64}))?")]
    private static partial Regex BusError();
}
