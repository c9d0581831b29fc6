using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>What the messages of some XIDs say beyond their number.</summary>
internal static partial class XidMessage
{
    /// <summary>XID 13 and 48: where on the GPU, such as <c>(GPC 8, TPC 5, SM 1)</c>.</summary>
    internal static Sighting Location(Sighting sighting, string message, IDictionary<string, string> details)
    {
        if (StreamingMultiprocessor().Match(message) is not { Success: true } match) return sighting;
        foreach (var part in (ReadOnlySpan<string>)["gpc", "tpc", "sm"]) details[part] = match.Groups[part].Value;
        return sighting;
    }

    /// <summary>XID 119 and 120: which call was not answered, such as <c>function 76 (GSP_RM_CONTROL)</c>.</summary>
    internal static Sighting SystemProcessor(Sighting sighting, string message, IDictionary<string, string> details)
    {
        if (Function().Match(message) is not { Success: true } match) return sighting;
        details["function"] = match.Groups["number"].Value;
        details["function_name"] = match.Groups["name"].Value;
        if (match.Groups["seconds"].Value is { Length: > 0 } seconds) details["waited_seconds"] = seconds;
        return sighting with { Title = $"{sighting.Title} ({match.Groups["name"].Value})" };
    }

    /// <summary>XID 144 to 150: unit, whether fatal, link and the words, decoded by the published table.</summary>
    internal static Sighting Nvlink(Sighting sighting, int code, string message, IDictionary<string, string> details)
    {
        if (NvlinkForm().Match(message) is not { Success: true } match) return sighting;
        var unit = match.Groups["unit"].Value;
        var isFatal = match.Groups["reach"].Value == "Fatal";
        details["unit"] = unit;
        details["fatal"] = isFatal ? "true" : "false";
        details["cross_contained"] = match.Groups["contained"].Value == "0" ? "false" : "true";
        details["injected"] = match.Groups["injected"].Value == "0" ? "false" : "true";
        var title = $"{sighting.Title} ({unit}";
        if (int.TryParse(match.Groups["link"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var link))
        {
            details["link"] = link.ToString(CultureInfo.InvariantCulture);
            if (link >= 0) title += $", link {link}";
        }
        var words = match.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > 0) details["words"] = string.Join(' ', words);
        sighting = sighting with { Title = title + ")", Severity = isFatal ? EventSeverity.Critical : EventSeverity.Warning };
        if (words.Length < 2 || !Word(words[0], out var info) || !Word(words[1], out var status) || NvlinkDecode.Find(code, unit, info, status) is not { } meaning) return sighting;
        details["immediate"] = meaning.Immediate;
        details["investigate"] = meaning.Investigate;
        details["reach"] = meaning.Reach switch { NvlinkReach.Fatal => "fatal", NvlinkReach.LinkFatal => "link_fatal", _ => "nonfatal" };
        details["origin"] = meaning.Origin;
        var asksForNothing = !isFatal && meaning is { Immediate: XidBuckets.Ignore, Investigate: XidBuckets.Ignore };
        return sighting with
        {
            SuggestedAction = XidBuckets.Advice(meaning.Immediate, meaning.Investigate),
            Severity = asksForNothing ? EventSeverity.Info : sighting.Severity,
        };
    }

    /// <summary>XID 154: from which recovery action to which; the numbers are NVML's.</summary>
    internal static Sighting RecoveryAction(Sighting sighting, string message, IDictionary<string, string> details)
    {
        if (Recovery().Match(message) is not { Success: true } match) return sighting;
        details["from"] = match.Groups["from"].Value.Trim();
        var to = details["to"] = match.Groups["to"].Value.Trim();
        _ = Word(match.Groups["number"].Value, out var number);
        details["action"] = number switch { 0 => "none", 1 => "gpu_reset", 2 => "node_reboot", 3 => "drain_p2p", 4 => "drain_and_reset", _ => "unknown" };
        return sighting with
        {
            Title = $"XID 154: the driver asks for {(number == 0 ? "no recovery any more" : to)}",
            Severity = number == 0 ? EventSeverity.Info : EventSeverity.Critical,
            SuggestedAction = number switch
            {
                0 => "",
                1 => XidBuckets.Action("RESET_GPU"),
                2 => XidBuckets.Action("RESTART_BM"),
                3 => "Drain what uses peer-to-peer transfers of the GPU; it needs no reset yet.",
                4 => "Let running work end, give the GPU no new work, then reset it.",
                _ => sighting.SuggestedAction,
            },
        };
    }

    private static bool Word(string text, out uint word) =>
        uint.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text.AsSpan(2) : text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out word);

    [GeneratedRegex(@"\(GPC (?<gpc>[0-9]{1,4}), TPC (?<tpc>[0-9]{1,4})(?:, SM (?<sm>[0-9]{1,4}))?\)")]
    private static partial Regex StreamingMultiprocessor();

    [GeneratedRegex(@"(?:Timeout after (?<seconds>[0-9]{1,6})s .*?)?function (?<number>[0-9]{1,6}) \((?<name>[A-Z0-9_]{1,64})\)")]
    private static partial Regex Function();

    [GeneratedRegex(@"(?<unit>[A-Z][A-Z0-9_/]{1,64})\s+(?<reach>Fatal|Nonfatal)\s+XC(?<contained>[0-9])\s+i(?<injected>[0-9])(?:\s+Link\s+(?<link>-?[0-9]{1,4}))?(?:\s+\((?<words>[0-9a-fA-Fx ]*))?")]
    private static partial Regex NvlinkForm();

    [GeneratedRegex(@"recovery action changed from 0x[0-9a-fA-F]{1,8} \((?<from>[^()]{0,64})\) to (?<number>0x[0-9a-fA-F]{1,8}) \((?<to>[^()]{0,64})")]
    private static partial Regex Recovery();
}
