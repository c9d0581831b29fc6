using System.Collections.Frozen;
using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Xid;

/// <summary>Every XID that NVIDIA has published, as <c>xid-catalogue.tsv</c> says it: used by events, metrics, rules and documentation alike.</summary>
public static class XidCatalogue
{
    /// <summary>In the order of the codes.</summary>
    public static IReadOnlyList<XidEntry> All { get; } = [.. TabTable.Rows("xid-catalogue.tsv").Select(Entry)];

    private static readonly FrozenDictionary<int, XidEntry> s_byCode = All.ToFrozenDictionary(static entry => entry.Code);

    /// <summary>Codes that alerts and shipped rules match, in rising order: their counters exist at 0 before the first event.</summary>
    public static IReadOnlyList<int> CodesThatRulesMatch { get; } = [.. All.Where(static entry => entry.IsMatched).Select(static entry => entry.Code)];

    /// <summary>What is known of a code; null for one that the catalogue does not have.</summary>
    public static XidEntry? Find(int code) => s_byCode.GetValueOrDefault(code);

    /// <summary>What is known of a code; one that the catalogue does not have is of unknown severity.</summary>
    public static XidEntry Describe(int code) => Find(code) ?? new XidEntry(
        code, "", "Not in the catalogue", EventSeverity.Unknown, XidOrigin.Either, "", "", "CONTACT_SUPPORT", [], "", "", IsMatched: false);

    private static XidEntry Entry(string[] row) => new(
        int.Parse(row[0], CultureInfo.InvariantCulture),
        row[1],
        row[2],
        Enum.Parse<EventSeverity>(row[3], ignoreCase: true),
        Enum.Parse<XidOrigin>(row[4], ignoreCase: true),
        row[5],
        row[6],
        row[7],
        row[8].Split(',', StringSplitOptions.RemoveEmptyEntries),
        row[9],
        row[10],
        row[11] == "1");
}
