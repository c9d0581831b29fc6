using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// <c>nvidia-nvswitch1: SXid (PCI:0000:06:00.0): 20034, Fatal, Link 48 LTSSM Fault Up</c>. The lines <c>Severity ...</c> and
/// <c>Data {...}</c> that follow belong to the same incident and make no sighting.
/// </summary>
internal static partial class SxidLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("sxid", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains(": SXid (", StringComparison.Ordinal) || Form().Match(line.Text) is not { Success: true } match) return null;
        var message = match.Groups["message"].Value.Trim();
        if (message.StartsWith("Severity ", StringComparison.Ordinal) || message.StartsWith("Data {", StringComparison.Ordinal)) return null;
        if (!int.TryParse(match.Groups["code"].Value, CultureInfo.InvariantCulture, out var code)) return null;
        var reach = match.Groups["reach"].Value;
        var device = PciAddress.Normalize(match.Groups["pci"].Value);
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["device"] = device,
            ["nvswitch"] = match.Groups["switch"].Value,
        };
        if (message.Length > 0) details["message"] = message;
        if (reach.Length > 0) details["fatal"] = reach == "Fatal" ? "true" : "false";
        if (match.Groups["link"].Value is { Length: > 0 } link) details["link"] = link;
        return line.Sighting(EventKinds.Sxid, reach switch { "Fatal" => EventSeverity.Critical, "Non-fatal" => EventSeverity.Warning, _ => EventSeverity.Unknown },
            Components.Fabric, $"SXID {code} of NVSwitch {match.Groups["switch"].Value}: {(message.Length > 0 ? message : "no message")}", code) with
        {
            Details = details,
            SuggestedAction = reach == "Fatal" ? "Drain the node and reset its GPUs and NVSwitches together; restart Fabric Manager." : "",
        };
    }

    [GeneratedRegex(@"nvidia-nvswitch(?<switch>[0-9]{1,3}): SXid \(PCI:(?<pci>[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?)\): (?<code>[0-9]{1,6})(?![0-9A-Za-z_])(?:, *(?<reach>Fatal|Non-fatal)(?![\w-]))?,?\s*(?<message>(?:Link (?<link>[0-9]{1,4}))?.*)", RegexOptions.Singleline)]
    private static partial Regex Form();
}
