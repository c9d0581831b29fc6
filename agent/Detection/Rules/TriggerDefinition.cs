using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>
/// When a rule holds. A trigger is true, false, or unknown where a value that it needs is absent; only true fires, and the negation of
/// unknown is unknown.
/// </summary>
internal abstract record TriggerDefinition;

/// <summary>Which series a trigger looks at: a metric and what its labels must be. Several series hold where <see cref="Combine"/> says so.</summary>
/// <param name="Metric">Prometheus name of a row of the metric table.</param>
/// <param name="Matchers">Conditions on labels.</param>
/// <param name="Combine">How several series become one value.</param>
internal sealed record SeriesSelector(string Metric, IReadOnlyList<LabelMatcher> Matchers, Combine Combine);

/// <summary>A condition on a label, as Prometheus writes it: <c>=</c>, <c>!=</c>, <c>=~</c>, <c>!~</c>; patterns are anchored.</summary>
internal sealed record LabelMatcher(string Label, string Value, bool Negate = false, bool Pattern = false);

/// <summary>One value of several series, those without a value left out.</summary>
internal enum Combine { Sum, Maximum, Minimum, Mean, Count }

/// <summary>Direction of a comparison.</summary>
internal enum Comparison { Above, AtLeast, Below, AtMost, Equal, NotEqual }

/// <summary>What a value is compared with: a number, or another series times a factor plus an offset.</summary>
internal sealed record Bound(double Number, SeriesSelector? Series = null, double Factor = 1, double Offset = 0);

/// <summary>The value now.</summary>
internal sealed record ThresholdTrigger(SeriesSelector Series, Comparison Comparison, Bound Bound) : TriggerDefinition;

/// <summary>A statistic of the value over a window that ended <paramref name="Ago"/>.</summary>
internal sealed record WindowTrigger(SeriesSelector Series, Statistic Statistic, TimeSpan Window, TimeSpan Ago, Comparison Comparison, Bound Bound) : TriggerDefinition;

/// <summary>Statistics over a window.</summary>
internal enum Statistic { Mean, Minimum, Maximum }

/// <summary>Growth per second over a window; resets of a counter are no fall.</summary>
internal sealed record RateTrigger(SeriesSelector Series, TimeSpan Window, Comparison Comparison, Bound Bound) : TriggerDefinition;

/// <summary>Growth over a window; resets of a counter are no fall, a gauge may shrink.</summary>
internal sealed record IncreaseTrigger(SeriesSelector Series, TimeSpan Window, Comparison Comparison, Bound Bound) : TriggerDefinition;

/// <summary>A series that had a value has none any more, or a GPU gives no frames any more.</summary>
/// <param name="Series">The series; null for the frames of the GPU.</param>
/// <param name="After">How long it must have been missing.</param>
internal sealed record AbsenceTrigger(SeriesSelector? Series, TimeSpan After) : TriggerDefinition;

/// <summary>One of the series is lower than it ever was while it was watched, restarts of the agent included: what was up is down, however long ago it went.</summary>
/// <param name="Series">Each counts by itself; how they combine decides nothing.</param>
internal sealed record FallenTrigger(SeriesSelector Series) : TriggerDefinition;

/// <summary>So many events within a window.</summary>
/// <param name="Kind">One of <see cref="EventKinds"/>.</param>
/// <param name="Codes">Codes that count; empty for all.</param>
/// <param name="AtLeast">Least severity that counts.</param>
/// <param name="Count">How many it takes.</param>
/// <param name="SameCode">True where all of them must have one code.</param>
internal sealed record EventTrigger(string Kind, IReadOnlyList<int> Codes, EventSeverity AtLeast, int Count, TimeSpan Window, bool SameCode) : TriggerDefinition;

/// <summary>The share of a window's time in which a value compared so.</summary>
/// <param name="While">The comparison of the value.</param>
/// <param name="Value">What the value is compared with.</param>
/// <param name="Comparison">The comparison of the share.</param>
/// <param name="Share">0 to 1.</param>
internal sealed record TimeShareTrigger(SeriesSelector Series, Comparison While, double Value, TimeSpan Window, Comparison Comparison, double Share) : TriggerDefinition;

/// <summary>Robust z-score against the GPU's own past: distance from the median in units of 1.4826 times the median absolute deviation.</summary>
/// <param name="Scores">How many such units; above 0 looks upwards, below 0 downwards.</param>
/// <param name="Window">The past that counts.</param>
/// <param name="AtLeast">Least distance in the metric's unit, since a perfectly steady past has a deviation of nearly nothing.</param>
internal sealed record HistoryTrigger(SeriesSelector Series, double Scores, TimeSpan Window, double AtLeast) : TriggerDefinition;

/// <summary>Against the median of the node's other GPUs at the same time.</summary>
/// <param name="Ratio">Share of the median that is crossed: below 1 looks downwards, above 1 upwards.</param>
/// <param name="Peers">Least number of others.</param>
/// <param name="While">Only GPUs on which this holds are compared and count as peers; null for all.</param>
internal sealed record PeerTrigger(SeriesSelector Series, double Ratio, int Peers, TriggerDefinition? While) : TriggerDefinition;

/// <summary>All of them hold.</summary>
internal sealed record AllTrigger(IReadOnlyList<TriggerDefinition> Parts) : TriggerDefinition;

/// <summary>At least one of them holds.</summary>
internal sealed record AnyTrigger(IReadOnlyList<TriggerDefinition> Parts) : TriggerDefinition;

/// <summary>It does not hold.</summary>
internal sealed record NotTrigger(TriggerDefinition Part) : TriggerDefinition;
