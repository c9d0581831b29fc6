using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// Growth over a window, as such or per second of it that was watched. Each series grows by itself: a counter that fell started anew at
/// 0, one that had no value for a while grew evenly meanwhile, unless that was longer than the window. Unknown until half of the window
/// was watched, unless a counter's growth decides already. How far counters had come, and what had grown in the window, is kept over
/// restarts for growth as such, which looks for single happenings; a rate looks for what goes on.
/// </summary>
internal sealed class GrowthPredicate : SeriesPredicate
{
    private const double NanosecondsPerSecond = 1e9;

    private readonly string name;
    private readonly Comparison comparison;
    private readonly Combine combine;
    private readonly TimeSpan window;
    private readonly long length;
    private readonly bool perSecond;
    private SeriesGrowth[] growths = [];
    private Action<SeriesGrowth>? recall;
    private double[] amounts = [];
    private long watched;

    internal GrowthPredicate(RateTrigger trigger, SeriesReader series, BoundReader bound) : base(series, bound) =>
        (name, comparison, combine, window, length, perSecond) = (TriggerText.Name(trigger), trigger.Comparison, trigger.Series.Combine, trigger.Window, Words.Nanoseconds(trigger.Window), true);

    internal GrowthPredicate(IncreaseTrigger trigger, SeriesReader series, BoundReader bound) : base(series, bound) =>
        (name, comparison, combine, window, length) = (TriggerText.Name(trigger), trigger.Comparison, trigger.Series.Combine, trigger.Window, Words.Nanoseconds(trigger.Window));

    internal override IEnumerable<GrowthPredicate> GrowthParts => Series.IsCounter && !perSecond ? [this] : [];

    /// <summary>Each series by itself.</summary>
    internal IReadOnlyList<SeriesGrowth> Growths => growths;

    /// <summary>Lets each series that is found from here on go on from before a restart.</summary>
    internal void Recall(Action<SeriesGrowth> before) => recall = before;

    /// <summary>Takes over what another one knows.</summary>
    internal void Inherit(GrowthPredicate before) => (growths, recall) = (before.growths, before.recall);

    private bool IsHalfWatched => watched >= length / 2;

    protected override void OnBound(FrameLayout layout)
    {
        var known = growths.ToDictionary(static growth => growth.Series, StringComparer.Ordinal);
        growths = [.. Series.Places.ToArray().Select(place =>
        {
            var series = layout.Series[place].ToString();
            if (known.GetValueOrDefault(series) is { } before) return before;
            var begun = new SeriesGrowth(series, Series.IsCounter, length);
            recall?.Invoke(begun);
            return begun;
        })];
        amounts = new double[growths.Length];
    }

    protected override Truth Look(SubjectFrame frame, bool isNew)
    {
        if ((Series.Tiers & frame.Fresh) == 0) return Truth.Unknown;
        if (isNew) Grow(frame);
        var grown = SeriesReader.CombineAll(combine, amounts);
        Seen = perSecond ? watched > 0 ? grown / (watched / NanosecondsPerSecond) : double.NaN : grown;
        if (IsHalfWatched) return comparison.Holds(Seen, Limit);
        return Series.IsCounter && combine != Combine.Mean
            ? comparison.HoldsForAtLeast(perSecond ? grown / (length / NanosecondsPerSecond) : grown, Limit)
            : Truth.Unknown;
    }

    private void Grow(SubjectFrame frame)
    {
        var cadence = frame.Of(Series.Tier);
        watched = 0;
        for (var i = 0; i < growths.Length; i++)
        {
            growths[i].Take(frame.Values[Series.Places[i]], cadence, frame.Now);
            amounts[i] = growths[i].Amount;
            watched = Math.Max(watched, growths[i].Watched);
        }
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(Series.Text).Append(perSecond ? " grows by " : " grew by ").Append(Words.Number(Seen)).Append(perSecond ? "/s over " : " in ").Append(Words.Duration(window));
        if (!IsHalfWatched) text.Append(" (watched for ").Append(Words.Duration(watched)).Append(')');
        text.Append(", needs ").Append(comparison.Sign()).Append(' ').Append(LimitText);
    }

    internal override void AddEvidence(List<EventValue> values) => values.Add(Evidence.Of(name, Seen, Limit));
}
