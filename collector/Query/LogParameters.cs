using System.Globalization;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Storage;

namespace Monitoring.Collector.Query;

/// <summary>Reads what a request for log lines asks for.</summary>
internal static class LogParameters
{
    /// <summary>The largest page.</summary>
    public const int MostLines = 1000;

    // Each word is looked for in each line.
    private const int MostWords = 16;

    /// <summary>The query; or null and what is wrong with which parameter.</summary>
    public static LogQuery? Read(IQueryCollection parameters, out string error)
    {
        var query = QueryParameters.Read(parameters, new LogQuery(), Apply, "node, level, text, since, until, limit and after", out error);
        if (query is null || QueryParameters.Disorder(query.Since, query.Until) is not { } disorder) return query;
        error = disorder;
        return null;
    }

    private static LogQuery? Apply(LogQuery query, string name, string value, out string expected)
    {
        expected = "";
        switch (name)
        {
            case "node": return query with { Node = value };
            case "level":
                expected = $"the least level: {string.Join(", ", LogLevelWords.All.SkipLast(1))} or {LogLevelWords.All[^1]}";
                return LogLevelWords.Read(value) is { } level ? query with { Level = level } : null;
            case "text":
                expected = $"at most {MostWords} words";
                return value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: <= MostWords } words ? query with { Words = words } : null;
            case "since":
                return QueryParameters.Time(value, out expected) is { } since ? query with { Since = since } : null;
            case "until":
                return QueryParameters.Time(value, out expected) is { } until ? query with { Until = until } : null;
            case "limit":
                expected = $"1 to {MostLines}";
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostLines ? query with { Limit = limit } : null;
            case "after":
                expected = "what 'next' of the page before says";
                return RecordCursor.Read(value) is { } after ? query with { After = after } : null;
            default:
                return null;
        }
    }
}
