using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>Reads what stands below <c>when</c>, and notes of every series whether it is a GPU's or the node's.</summary>
internal sealed class TriggerReader(RuleMistakes mistakes)
{
    private const int MaximumNesting = 8;
    private const int MaximumTriggers = 64;
    private const int MaximumCount = 10_000;
    private const double MostScores = 1000;
    private const double MostRatio = 1000;
    private const int MostPeers = 63;
    private const int MostCode = 100_000;

    private static readonly string[] KindNames = ["threshold", "window", "rate", "increase", "absent", "fallen", "event", "time_share", "history", "peers", "all", "any", "not"];
    private static readonly TimeSpan LeastWindow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostWindow = TimeSpan.FromDays(7);
    private static readonly TimeSpan MostEventWindow = TimeSpan.FromDays(31);

    private int triggers;

    /// <summary>The metrics that were named, and where.</summary>
    internal List<(Metric Metric, Place Place, string Path)> Metrics { get; } = [];

    /// <summary>True where a trigger looks at the GPU itself: its frames, its past, its peers.</summary>
    internal bool LooksAtGpu { get; private set; }

    /// <summary>True where a trigger keeps what it saw of single GPUs.</summary>
    internal bool Remembers { get; private set; }

    /// <summary>The trigger; null, with the mistake noted, where it cannot be understood.</summary>
    internal TriggerDefinition? Read(YamlNode node, string path, int depth = 0)
    {
        const string Form = "a map with one kind of trigger, such as threshold: { metric: gpu_utilization_ratio, is: \"> 0.9\" }";
        if (node is not YamlMap map)
        {
            mistakes.Add(node.Place, path, (node as YamlScalar)?.Text, node is YamlScalar { Text: not null } ? Form : $"is no map; give {Form}");
            return null;
        }
        if (map.Entries.Count != 1)
        {
            mistakes.Add(node.Place, path, null, map.Entries.Count == 0 ? $"is empty; give {Form}" : $"has {map.Entries.Count} keys where one kind of trigger belongs; put several below all: or any:");
            return null;
        }
        if (depth > MaximumNesting || ++triggers > MaximumTriggers)
        {
            mistakes.Add(node.Place, path, null, depth > MaximumNesting ? $"is nested deeper than {MaximumNesting} triggers; write several rules" : $"is trigger {MaximumTriggers + 1} of the rule; write several rules");
            return null;
        }
        var (kind, place, value) = map.Entries[0];
        path = $"{path}.{kind}";
        switch (kind)
        {
            case "all": return Parts(value, path, depth) is { } all ? new AllTrigger(all) : null;
            case "any": return Parts(value, path, depth) is { } any ? new AnyTrigger(any) : null;
            case "not": return Read(value, path, depth + 1) is { } part ? new NotTrigger(part) : null;
        }
        if (!KindNames.Contains(kind))
        {
            mistakes.Add(place, path, null, $"is no kind of trigger; {NearestName.Sentence(kind, KindNames)}");
            return null;
        }
        if (value is not YamlMap)
        {
            mistakes.Add(value.Place, path, null, "has no keys; docs/rules.md lists those of each trigger");
            return null;
        }
        var before = mistakes.Count;
        var reader = new MapReader((YamlMap)value, path, mistakes);
        var trigger = Leaf(kind, reader, depth);
        reader.Finish();
        return mistakes.Count == before ? trigger : null;
    }

    private TriggerDefinition? Leaf(string kind, MapReader map, int depth) => kind switch
    {
        "threshold" => Threshold(map),
        "window" => Window(map),
        "rate" or "increase" => Growth(kind, map),
        "absent" => Absent(map),
        "fallen" => Fallen(map),
        "event" => Event(map),
        "time_share" => TimeShare(map),
        "history" => History(map),
        _ => Peers(map, depth),
    };

    private ThresholdTrigger? Threshold(MapReader map)
    {
        var (series, bound) = (Series(map), Bound(map));
        return series is not null && bound is { } b ? new ThresholdTrigger(series, b.Comparison, b.Bound) : null;
    }

    private WindowTrigger? Window(MapReader map)
    {
        var (series, bound) = (Series(map, isLevel: true), Bound(map));
        var statistic = map.Word("statistic", Statistic.Mean, RuleWords.Statistics);
        var window = Over(map, MostWindow);
        var ago = map.Time("ago", TimeSpan.Zero, TimeSpan.Zero, MostWindow);
        return series is not null && bound is { } b ? new WindowTrigger(series, statistic, window, ago, b.Comparison, b.Bound) : null;
    }

    private TriggerDefinition? Growth(string kind, MapReader map)
    {
        var (series, bound, window) = (Series(map), Bound(map), Over(map, MostWindow));
        if (series is null || bound is not { } b) return null;
        return kind == "rate" ? new RateTrigger(series, window, b.Comparison, b.Bound) : new IncreaseTrigger(series, window, b.Comparison, b.Bound);
    }

    private AbsenceTrigger Absent(MapReader map)
    {
        var series = map.Map.Entries.Any(static entry => entry.Key == "metric") ? Series(map) : null;
        if (series is null) LooksAtGpu = true;
        _ = map.Need("after", "how long it must be missing, such as 1m");
        return new AbsenceTrigger(series, map.Time("after", LeastWindow, LeastWindow, MostWindow));
    }

    private FallenTrigger? Fallen(MapReader map)
    {
        Remembers = true;
        return Series(map, isLevel: true, isCombined: false) is { } series ? new FallenTrigger(series) : null;
    }

    private static EventTrigger Event(MapReader map)
    {
        _ = map.Need("kind", "the kind of event, such as xid");
        var kind = map.Word("kind", "", RuleWords.Kinds);
        var codes = map.Wholes("codes", 0, MostCode);
        var severity = map.Word("severity", Contracts.Events.EventSeverity.Unknown, RuleWords.LeastSeverities);
        var count = map.Whole("count", 1, 1, MaximumCount);
        _ = map.Need("within", "the time in which the events must come, such as 15m");
        var window = map.Time("within", LeastWindow, LeastWindow, MostEventWindow);
        return new EventTrigger(kind, codes, severity, count, window, map.Flag("same_code", false));
    }

    private TimeShareTrigger? TimeShare(MapReader map)
    {
        var series = Series(map, isLevel: true);
        var value = Bound(map);
        if (value is { Bound.Series: not null }) mistakes.Add(map.PlaceOf("is"), map.PathOf("is"), null, "compares with a series; a share of time is counted against a number");
        var window = Over(map, MostWindow);
        var share = Bound(map, "share", "the share of the time, 0 to 1, such as \"> 0.01\"");
        if (share is { Bound: { Series: not null } or { Number: < 0 or > 1 } }) mistakes.Add(map.PlaceOf("share"), map.PathOf("share"), null, "is no share; compare with a number from 0 to 1, such as \"> 0.01\" for one percent");
        return series is not null && value is { } v && share is { } s ? new TimeShareTrigger(series, v.Comparison, v.Bound.Number, window, s.Comparison, s.Bound.Number) : null;
    }

    private HistoryTrigger? History(MapReader map)
    {
        LooksAtGpu = true;
        var series = Series(map, isLevel: true);
        _ = map.Need("scores", "the distance in robust standard deviations, such as 6, or -6 to look downwards");
        var scores = map.Number("scores", -MostScores, MostScores);
        if (scores is 0) mistakes.Add(map.PlaceOf("scores"), map.PathOf("scores"), "0", "a number above 0 to look upwards, or below 0 to look downwards");
        var window = Over(map, MostWindow);
        var least = map.Number("at_least", 0, double.MaxValue) ?? 0;
        return series is not null && scores is { } s ? new HistoryTrigger(series, s, window, least) : null;
    }

    private PeerTrigger? Peers(MapReader map, int depth)
    {
        LooksAtGpu = true;
        var series = Series(map, isLevel: true);
        _ = map.Need("ratio", "the share of the others' median that is crossed, such as 0.85, or 1.2 to look upwards");
        var ratio = map.Number("ratio", 0, MostRatio);
        if (ratio is 0 or 1) mistakes.Add(map.PlaceOf("ratio"), map.PathOf("ratio"), null, "is neither below 1, to look downwards, nor above 1, to look upwards");
        var peers = map.Whole("peers", 2, 1, MostPeers);
        var only = map.Take("while") is { } node ? Read(node, map.PathOf("while"), depth + 1) : null;
        return series is not null && ratio is { } r ? new PeerTrigger(series, r, peers, only) : null;
    }

    private List<TriggerDefinition>? Parts(YamlNode node, string path, int depth)
    {
        if (node is not YamlList { Items.Count: > 0 } list)
        {
            mistakes.Add(node.Place, path, null, "is no list of triggers; write one trigger a line, each behind a dash");
            return null;
        }
        var parts = list.Items.Select((item, index) => Read(item, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{index}]"), depth + 1)).ToList();
        return parts.Contains(null) ? null : [.. parts.OfType<TriggerDefinition>()];
    }

    private static TimeSpan Over(MapReader map, TimeSpan most)
    {
        _ = map.Need("over", "the length of the window, such as 10m");
        return map.Time("over", LeastWindow, LeastWindow, most);
    }

    /// <summary>The series of a trigger.</summary>
    /// <param name="isLevel">True where a counter makes no sense: its level only says how long the driver has been loaded.</param>
    /// <param name="isCombined">False where each series counts by itself.</param>
    private SeriesSelector? Series(MapReader map, bool isLevel = false, bool isCombined = true)
    {
        var node = map.Need("metric", RuleExpression.SeriesForm);
        var path = map.PathOf("metric");
        SeriesSelector? series = null;
        if (node is not null && map.TextOf(node, path, RuleExpression.SeriesForm) is { } text)
        {
            if (RuleExpression.ReadSeries(text, out var problem) is { } selector) series = Checked(selector, node.Place, path);
            else mistakes.Add(node.Place, path, text, $"{RuleExpression.SeriesForm}: {problem}");
        }
        if (series is not null && isLevel && Metrics[^1].Metric.Kind == MetricKind.Counter)
            mistakes.Add(node!.Place, path, null, $"names the counter {series.Metric}, which only grows; use rate or increase");
        if (!isCombined) return series is null ? null : series with { Combine = Combine.Sum };
        var combine = map.Word("combine", series?.Combine ?? default, RuleWords.Combinations);
        return series is null ? null : series with { Combine = combine };
    }

    private (Comparison Comparison, Bound Bound)? Bound(MapReader map, string key = "is", string what = RuleExpression.ComparisonForm)
    {
        if (map.Need(key, what) is not { } node || map.TextOf(node, map.PathOf(key), what) is not { } text) return null;
        if (RuleExpression.ReadComparison(text, out var problem) is not { } comparison)
        {
            mistakes.Add(node.Place, map.PathOf(key), text, $"{what}: {problem}");
            return null;
        }
        if (comparison.Series is null) return (comparison.Comparison, new Bound(comparison.Number));
        return Checked(comparison.Series, node.Place, map.PathOf(key)) is { } series ? (comparison.Comparison, new Bound(0, series, comparison.Factor, comparison.Offset)) : null;
    }

    private SeriesSelector? Checked(SelectorText selector, Place place, string path)
    {
        if (RuleMetrics.Find(selector.Metric, out var problem) is not { } metric)
        {
            mistakes.Add(place, path, null, problem);
            return null;
        }
        Metrics.Add((metric, place, path));
        foreach (var matcher in selector.Matchers)
            if (RuleMetrics.Problem(metric, matcher) is { } wrong) mistakes.Add(place, path, null, wrong);
        return new SeriesSelector(metric.Name, selector.Matchers, RuleMetrics.CombineOf(metric, selector.Matchers));
    }
}
