using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// <c>NVRM: Xid (PCI:0000:91:00): 79, pid='&lt;unknown&gt;', name=&lt;unknown&gt;, GPU has fallen off the bus.</c> in every form that
/// drivers have printed: with and without PCI function, MIG instance, process and message.
/// </summary>
internal static partial class XidLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("xid", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains("NVRM: Xid (", StringComparison.Ordinal) || Form().Match(line.Text) is not { Success: true } match) return null;
        if (!int.TryParse(match.Groups["code"].Value, CultureInfo.InvariantCulture, out var code)) return null;
        var entry = XidCatalogue.Describe(code);
        var message = match.Groups["message"].Value.Trim();
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (message.Length > 0) details["message"] = message;
        if (match.Groups["instance"].Value is { Length: > 0 } instance) details["instance"] = instance;
        if (entry.Mnemonic.Length > 0) details["mnemonic"] = entry.Mnemonic;
        var sighting = line.Sighting(EventKinds.Xid, entry.Severity, entry.Component, $"XID {code}: {entry.Title}", code, PciAddress.Normalize(match.Groups["pci"].Value)) with
        {
            Process = Process(match),
            SuggestedAction = entry.SuggestedAction,
            Runbook = entry.Runbook,
        };
        sighting = code switch
        {
            13 or 48 => XidMessage.Location(sighting, message, details),
            119 or 120 => XidMessage.SystemProcessor(sighting, message, details),
            >= 144 and <= 150 => XidMessage.Nvlink(sighting, code, message, details),
            154 => XidMessage.RecoveryAction(sighting, message, details),
            _ => sighting,
        };
        return sighting with { Details = details.Count > 0 ? details : null };
    }

    private static ProcessReference? Process(Match match) =>
        long.TryParse(match.Groups["pid"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? new ProcessReference(pid, match.Groups["name"].Value is var name && name.StartsWith('<') ? "" : name)
            : null;

    // The name of a process may hold anything but, in practice, a comma and a blank.
    [GeneratedRegex(@"NVRM: Xid \((?:PCI:)?(?<pci>[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?)(?: (?<instance>[^()]{1,64}))?\): (?<code>[0-9]{1,6})(?![0-9A-Za-z_])(?:,? *pid='?(?<pid>[0-9]+|<unknown>|[^,' ]*)'?(?=,|\s|$))?(?:, *name=(?<name>[^,]*))?,?(?<message>.*)", RegexOptions.Singleline)]
    private static partial Regex Form();
}
