using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>The value now.</summary>
internal sealed class ThresholdPredicate(ThresholdTrigger trigger, SeriesReader series, BoundReader bound) : SeriesPredicate(series, bound)
{
    protected override Truth Look(SubjectFrame frame, bool isNew)
    {
        Seen = Series.Read(frame);
        return trigger.Comparison.Holds(Seen, Limit);
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(Series.Text);
        _ = double.IsNaN(Seen) ? text.Append(" has no value") : text.Append(" is ").Append(Words.Number(Seen));
        text.Append(", needs ").Append(trigger.Comparison.Sign()).Append(' ').Append(LimitText);
    }

    internal override void AddEvidence(List<EventValue> values) => values.Add(Evidence.Of(Series.Text, Seen, Limit));
}
