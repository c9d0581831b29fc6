using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// Something that was there is missing: a series that has no value any more or is overdue by three intervals, or the frames of a GPU.
/// Unknown for what was never there. Time in which the engine itself was not run does not count.
/// </summary>
internal sealed class AbsencePredicate(AbsenceTrigger trigger, SeriesReader? series) : Predicate
{
    private const double NanosecondsPerSecond = 1e9;

    private readonly long after = Words.Nanoseconds(trigger.After);
    private long lastSeen = long.MinValue;
    private long missing;
    private Support support;

    internal override Tiers Tiers => series?.Tiers ?? Tiers.None;

    internal override bool IsTimed => true;

    internal override bool IsUnsupported => Value == Truth.Unknown && support.IsMissing;

    private string What => series?.Text ?? "frames";

    internal override void Bind(FrameLayout layout) => series?.Bind(layout);

    internal override Truth Update(SubjectFrame frame)
    {
        if (series is null) lastSeen = frame.LastFrame;
        else if (!double.IsNaN(series.Read(frame))) lastSeen = frame.Awake;
        if (!support.IsSettled) support.Look(frame.Now, lastSeen != long.MinValue);
        if (lastSeen == long.MinValue) return Value = Truth.Unknown;
        missing = Math.Max(0, frame.Awake - lastSeen);
        return Value = missing > 0 && missing >= after ? Truth.True : Truth.False;
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(What);
        if (lastSeen == long.MinValue) text.Append(" never had a value");
        else if (missing == 0) text.Append(series is null ? " come in" : " has a value");
        else text.Append(series is null ? " are missing for " : " is missing for ").Append(Words.Duration(missing));
        text.Append(", needs to be missing for ").Append(Words.Duration(trigger.After));
    }

    internal override void AddEvidence(List<EventValue> values) =>
        values.Add(Evidence.Of($"missing_seconds({What})", missing / NanosecondsPerSecond, trigger.After.TotalSeconds));
}
