using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>Rules with anything in them that a rule file can say.</summary>
internal sealed class RandomRules(int seed)
{
    private static readonly string[] Texts = ["", "a", "plain words", "\"quoted\" \\ back", "colon: # hash", "line\nbreak\ttab", "\u2028 \u00e9 \ud83d\ude00", "- dash", "{ } [ ] , & * ! | > ' %"];
    private static readonly SeriesSelector[] Gauges =
    [
        new("gpu_utilization_ratio", [], Combine.Maximum), new("gpu_clock_hertz", [new LabelMatcher("domain", "sm")], Combine.Mean),
        new("gpu_throttle_active", [new LabelMatcher("reason", "hw_.*", Pattern: true), new LabelMatcher("reason", "hw_slowdown", Negate: true)], Combine.Sum),
        new("gpu_nvlink_up", [new LabelMatcher("link", "1?\\d", Negate: true, Pattern: true)], Combine.Count),
    ];
    private static readonly SeriesSelector Counter = new("gpu_ecc_errors_total", [new LabelMatcher("type", "correctable")], Combine.Minimum);

    private readonly Random random = new(seed);

    internal IReadOnlyList<RuleDefinition> Next() => [.. Enumerable.Range(0, random.Next(4)).Select(Rule)];

    private RuleDefinition Rule(int number)
    {
        var rule = AnyRule(number);
        // What a trigger remembers of each GPU cannot be of several together.
        return RuleYaml.Line(rule.Trigger).Contains("lower than it was", StringComparison.Ordinal) ? rule with { AtLeastGpus = 1 } : rule;
    }

    private RuleDefinition AnyRule(int number) => Capturing(new RuleDefinition
    {
        Name = $"r{number}",
        Description = Pick(Texts),
        Severity = Pick(RuleWords.Severities.Values),
        Component = Pick(Components.All),
        Filter = new RuleFilter(Names(), Names(), [.. Enumerable.Range(0, random.Next(3))], Names()),
        Trigger = Trigger(0),
        AtLeastGpus = 1 + random.Next(3),
        For = Time(0),
        ClearFor = Time(0),
        Actions = (RuleActions)random.Next(4),
        Limits = new RuleLimits(random.Next(100), random.Next(100), Time(1), Time(0)),
        ToldBy = number > 0 && Coin() ? ["r0"] : [],
        Shadow = Coin(),
        Health = Pick(Enum.GetValues<HealthState>()),
        ClearedBy = Pick(Enum.GetValues<ClearedBy>()),
        SuggestedAction = Pick(Texts),
        Runbook = Pick(new[] { "", "GpuHot", "https://example.org/a?b=c#d" }),
        Origin = "somewhere",
    });

    private RuleDefinition Capturing(RuleDefinition rule) => !rule.Actions.HasFlag(RuleActions.Capture) || Coin() ? rule
        : rule with { Capture = new RuleCapture(Coin() ? null : TimeSpan.FromSeconds(1 + random.Next(60)), Coin() ? [] : [Pick(RuleWords.Profilers.Values)], Coin()) };

    private TriggerDefinition Trigger(int depth) => random.Next(depth > 3 ? 10 : 14) switch
    {
        0 => new ThresholdTrigger(Series(), Operator(), Bound()),
        1 => new WindowTrigger(Pick(Gauges), Pick(Enum.GetValues<Statistic>()), Time(1), Time(0), Operator(), Bound()),
        2 => new RateTrigger(Series(), Time(1), Operator(), Bound()),
        3 => new IncreaseTrigger(Series(), Time(1), Operator(), Bound()),
        4 => new AbsenceTrigger(Coin() ? null : Series(), Time(1)),
        5 => new EventTrigger(Pick(RuleWords.Kinds.Values), [.. Enumerable.Range(0, random.Next(3))], Pick(Enum.GetValues<EventSeverity>()), 1 + random.Next(9), Time(1), Coin()),
        6 => new TimeShareTrigger(Pick(Gauges), Operator(), Number(), Time(1), Operator(), random.NextDouble()),
        7 => new HistoryTrigger(Pick(Gauges), 1 + random.Next(9) * (Coin() ? 1 : -1.5), Time(1), random.Next(5)),
        8 => new PeerTrigger(Pick(Gauges), Coin() ? 0.85 : 1.5, 1 + random.Next(8), depth > 3 || Coin() ? null : Trigger(depth + 1)),
        9 => new FallenTrigger(Uncombined()),
        10 => new NotTrigger(Trigger(depth + 1)),
        11 => new AllTrigger([Trigger(depth + 1), Trigger(depth + 1)]),
        12 => new AnyTrigger([Trigger(depth + 1)]),
        _ => new AnyTrigger([Trigger(depth + 1), Trigger(depth + 1)]),
    };

    private SeriesSelector Uncombined() => Pick(Gauges) with { Combine = Combine.Sum };

    private SeriesSelector Series() => Coin() ? Counter : Pick(Gauges);

    // What a file compares with is combined in the usual way.
    private Bound Bound() => Coin() ? new Bound(Number()) : new Bound(0, new SeriesSelector("gpu_throttle_active", [], Combine.Maximum), Coin() ? 1 : 0.85, random.Next(3) - 1);

    private double Number() => Pick(new[] { 0, 1, -1, 0.01, 1e9, 2.5e-7, random.NextDouble() });

    private Comparison Operator() => Pick(Enum.GetValues<Comparison>());

    private IReadOnlyList<string> Names() => [.. Enumerable.Range(0, random.Next(3)).Select(_ => Pick(Texts[1..]))];

    private TimeSpan Time(int least) => TimeSpan.FromSeconds(least + random.Next(100_000));

    private bool Coin() => random.Next(2) == 0;

    private T Pick<T>(IEnumerable<T> from) => from.ElementAt(random.Next(from.Count()));
}
