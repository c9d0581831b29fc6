using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>A statistic over a window; unknown until half of the window was watched.</summary>
internal sealed class WindowPredicate(WindowTrigger trigger, SeriesReader series, BoundReader bound) : SeriesPredicate(series, bound)
{
    private readonly StatisticWindow window = new(Words.Nanoseconds(trigger.Window), Words.Nanoseconds(trigger.Ago));

    protected override Truth Look(SubjectFrame frame, bool isNew)
    {
        if ((Series.Tiers & frame.Fresh) == 0) return Truth.Unknown;
        if (isNew)
        {
            window.MoveTo(frame.Now);
            var value = Series.Read(frame);
            if (!double.IsNaN(value)) window.Add(value, frame.Of(Series.Tier).Elapsed);
        }
        Seen = window.Of(trigger.Statistic);
        return window.IsHalfWatched ? trigger.Comparison.Holds(Seen, Limit) : Truth.Unknown;
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(TriggerText.Name(trigger)).Append(" is ").Append(Words.Number(Seen));
        if (!window.IsHalfWatched) text.Append(" as far as watched (").Append(Words.Duration(window.Watched)).Append(')');
        text.Append(", needs ").Append(trigger.Comparison.Sign()).Append(' ').Append(LimitText);
    }

    internal override void AddEvidence(List<EventValue> values) => values.Add(Evidence.Of(TriggerText.Name(trigger), Seen, Limit));
}
