using System.Globalization;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Patterns of XIDs, from the catalogue alone.</summary>
internal static class XidLists
{
    private const string NvlinkRunbook = "GpuNvlinkXid";
    private const string OffBusRunbook = "GpuFallenOffBus";

    private static IEnumerable<XidEntry> Matched => XidCatalogue.All.Where(static entry => entry.IsMatched);

    private static IEnumerable<XidEntry> Critical => Matched.Where(static entry => entry.Severity == EventSeverity.Critical && entry.Runbook != NvlinkRunbook);

    /// <summary>The codes whose runbook is that of an alert.</summary>
    internal static string OfRunbook(string runbook) => Pattern(Matched.Where(entry => entry.Runbook == runbook));

    /// <summary>Critical codes that have no alert of their own.</summary>
    internal static string Fatal() => Pattern(FatalEntries);

    /// <summary>The entries of <see cref="Fatal"/>.</summary>
    internal static IEnumerable<XidEntry> FatalEntries => Critical.Where(static entry => entry.Runbook != OffBusRunbook);

    /// <summary>Critical codes that tell of a broken GPU when they come again and again.</summary>
    internal static string Repeated(IReadOnlyList<int> without) => Pattern(Critical.Where(entry => !without.Contains(entry.Code)));

    /// <summary>Codes of NVLink: those that are always fatal, or those of which the words of the message decide.</summary>
    internal static string Nvlink(bool isAlwaysFatal) => Pattern(Matched.Where(entry => entry.Runbook == NvlinkRunbook && entry.Severity == EventSeverity.Critical == isAlwaysFatal));

    /// <summary>Wraps an expression so that each result has a label that the catalogue gives to its XID.</summary>
    /// <param name="expression">Has the label xid.</param>
    /// <param name="label">Name of the label.</param>
    /// <param name="entries">The codes that may come.</param>
    /// <param name="valueOf">The label's value for a code; codes without one keep what they have.</param>
    internal static string WithLabel(string expression, string label, IEnumerable<XidEntry> entries, Func<XidEntry, string> valueOf) => entries
        .GroupBy(valueOf, StringComparer.Ordinal)
        .Where(static group => group.Key.Length > 0)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Aggregate(expression, (inner, group) => $"label_replace({inner},\n  \"{label}\", \"{group.Key}\", \"xid\", \"{Pattern(group)}\")");

    private static string Pattern(IEnumerable<XidEntry> entries) => string.Join('|', entries.Select(static entry => entry.Code.ToString(CultureInfo.InvariantCulture)));
}
