using System.Globalization;
using System.Text.Json;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Query;

/// <summary>Reads what a request for captures asks for.</summary>
internal static class CaptureParameters
{
    /// <summary>The largest page.</summary>
    public const int MostCaptures = 1000;

    // Each word is looked for in each capture.
    private const int MostWords = 16;

    /// <summary>The query; or null and what is wrong with which parameter.</summary>
    public static CaptureQuery? Read(IQueryCollection parameters, out string error)
    {
        var query = QueryParameters.Read(parameters, new CaptureQuery(), Apply, "node, gpu, rule, trigger, job, stage, since, until, text, limit and after", out error);
        if (query is null || QueryParameters.Disorder(query.Since, query.Until) is not { } disorder) return query;
        error = disorder;
        return null;
    }

    /// <summary>The cursor as a text for <c>after</c>.</summary>
    public static string Write(CaptureCursor cursor) => string.Create(CultureInfo.InvariantCulture, $"{cursor.TimeTicks}-{cursor.Id}");

    private static CaptureQuery? Apply(CaptureQuery query, string name, string value, out string expected)
    {
        expected = "";
        switch (name)
        {
            case "node": return query with { Node = value };
            case "rule": return query with { Rule = value };
            case "job": return query with { Job = value };
            case "trigger":
                expected = string.Join(", ", TriggerKinds.All.SkipLast(1)) + " or " + TriggerKinds.All[^1];
                return TriggerKinds.All.Contains(value) ? query with { Trigger = value } : null;
            case "stage":
                expected = "a stage such as recording, done or refused";
                return StageOf(value) is { } stage ? query with { Stage = stage } : null;
            case "text":
                expected = $"at most {MostWords} words";
                return CaptureText.Words(value) is { Count: <= MostWords } words ? query with { Words = words } : null;
            case "gpu":
                expected = "the index of a GPU on its node, such as 0";
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var gpu) ? query with { Gpu = gpu } : null;
            case "since":
                return QueryParameters.Time(value, out expected) is { } since ? query with { Since = since } : null;
            case "until":
                return QueryParameters.Time(value, out expected) is { } until ? query with { Until = until } : null;
            case "limit":
                expected = $"1 to {MostCaptures}";
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostCaptures ? query with { Limit = limit } : null;
            case "after":
                expected = "what 'next' of the page before says";
                return Cursor(value) is { } after ? query with { After = after } : null;
            default:
                return null;
        }
    }

    private static CaptureStage? StageOf(string value)
    {
        foreach (var stage in Enum.GetValues<CaptureStage>())
            if (Name(stage) == value) return stage;
        return null;
    }

    /// <summary>The stage as JSON has it.</summary>
    public static string Name(CaptureStage stage) => JsonNamingPolicy.SnakeCaseLower.ConvertName(stage.ToString());

    private static CaptureCursor? Cursor(string value)
    {
        var border = value.IndexOf('-', StringComparison.Ordinal);
        return border > 0 && long.TryParse(value.AsSpan(0, border), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && EventId.IsValid(value[(border + 1)..])
            ? new CaptureCursor(ticks, value[(border + 1)..]) : null;
    }
}
