using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>Errors of the NVSwitch driver that are no SXID; its lines about opening and closing are none.</summary>
internal static partial class NvswitchLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("nvswitch", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains("nvidia-nvswitch", StringComparison.Ordinal) || line.Text.Contains("SXid", StringComparison.Ordinal)) return null;
        if (Form().Match(line.Text) is not { Success: true } match) return null;
        var number = match.Groups["switch"].Value;
        return line.Sighting(EventKinds.Nvswitch, EventSeverity.Warning, Components.Fabric, $"NVSwitch {(number.Length > 0 ? number + " " : "")}reports an error: {match.Groups["message"].Value.Trim()}") with
        {
            Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["device"] = $"nvidia-nvswitch{number}" },
            SuggestedAction = "Look at Fabric Manager's log and state.",
        };
    }

    [GeneratedRegex(@"nvidia-nvswitch(?<switch>[0-9]{0,3}): (?<message>(?=[^\n]*\b(?:error|errors|fail|fails|failed|failure|fatal|timeout|timed out)\b)[^\n]{1,300})", RegexOptions.IgnoreCase)]
    private static partial Regex Form();
}
