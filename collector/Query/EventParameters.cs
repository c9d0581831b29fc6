using System.Globalization;
using Monitoring.Collector.Events;
using Monitoring.Collector.Storage;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Query;

/// <summary>Reads what a request for events asks for.</summary>
internal static class EventParameters
{
    /// <summary>The largest page.</summary>
    public const int MostEvents = 1000;

    /// <summary>The query; or null and what is wrong with which parameter.</summary>
    public static EventQuery? Read(IQueryCollection parameters, out string error)
    {
        var query = QueryParameters.Read(parameters, new EventQuery(), Apply, "node, cluster, gpu, uuid, kind, severity, rule, code, since, until, limit and after", out error);
        if (query is null || QueryParameters.Disorder(query.Since, query.Until) is not { } disorder) return query;
        error = disorder;
        return null;
    }

    private static EventQuery? Apply(EventQuery query, string name, string value, out string expected)
    {
        expected = "";
        switch (name)
        {
            case "node": return query with { Node = value };
            case "cluster": return query with { Cluster = value };
            case "uuid": return query with { Uuid = value };
            case "kind": return query with { Kind = value };
            case "rule": return query with { Rule = value };
            case "gpu":
                expected = "the index of a GPU on its node, such as 0";
                return TryNumber(value, out var gpu) && gpu >= 0 ? query with { Gpu = gpu } : null;
            case "code":
                expected = "a number, such as 79";
                return TryNumber(value, out var code) ? query with { Code = code } : null;
            case "severity":
                expected = "unknown, info, warning or critical";
                return SeverityOf(value) is { } severity ? query with { Severity = severity } : null;
            case "since":
                return QueryParameters.Time(value, out expected) is { } since ? query with { Since = since } : null;
            case "until":
                return QueryParameters.Time(value, out expected) is { } until ? query with { Until = until } : null;
            case "limit":
                expected = $"1 to {MostEvents}";
                return TryNumber(value, out var limit) && limit is >= 1 and <= MostEvents ? query with { Limit = limit } : null;
            case "after":
                expected = "what 'next' of the page before says";
                return RecordCursor.Read(value) is { } after ? query with { After = after } : null;
            default:
                return null;
        }
    }

    private static bool TryNumber(string value, out int number) => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static EventSeverity? SeverityOf(string value) => value switch
    {
        "unknown" => EventSeverity.Unknown,
        "info" => EventSeverity.Info,
        "warning" => EventSeverity.Warning,
        "critical" => EventSeverity.Critical,
        _ => null,
    };
}
