using System.Globalization;
using System.Text;

namespace Monitoring.Contracts.Xid;

/// <summary>The catalogue as a page for people: <c>docs/xid.md</c>.</summary>
public static class XidDocument
{
    /// <summary>The page, in Markdown.</summary>
    public static string Text()
    {
        var text = new StringBuilder();
        text.Append("# XID catalogue\n\n");
        text.Append("Generated from `contracts/Xid/xid-catalogue.tsv`; a test renews it with `UPDATE_GOLDEN=1`. Codes, names, buckets and boards are facts of NVIDIA's\n");
        text.Append("published catalogue; titles, severities and origins are ours. A code that is not here is an event of unknown severity.\n");
        text.Append("A code in **bold** has a counter `gpu_xid_events_total{xid}` at 0 from the start. XID 144 to 150 are critical where the message says fatal,\n");
        text.Append("XID 154 is critical where the driver asks for anything, and info where it asks for nothing any more.\n\n");
        text.Append("| XID | meaning | severity | origin | component | immediate | investigate | boards | XID 154 from |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var entry in XidCatalogue.All)
            text.Append(CultureInfo.InvariantCulture, $"| {(entry.IsMatched ? $"**{entry.Code}**" : entry.Code)} | {entry.Title} (`{entry.Mnemonic}`) | {Word(entry.Severity)} | {Word(entry.Origin)} | {entry.Component} | {entry.Immediate} | {entry.Investigate} | {string.Join(", ", entry.Architectures)} | {entry.RecoveryFrom} |\n");
        text.Append("\n## Buckets\n\n| bucket | what to do |\n|---|---|\n");
        foreach (var (bucket, action) in XidBuckets.All)
            text.Append(CultureInfo.InvariantCulture, $"| {bucket} | {action} |\n");
        return text.ToString();
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
