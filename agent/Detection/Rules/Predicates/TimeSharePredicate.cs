using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// The share of the watched time in which a value compared so; a reading stands for the time since the one before, a gap for none.
/// Unknown until half of the window was watched, unless what was seen decides already.
/// </summary>
internal sealed class TimeSharePredicate(TimeShareTrigger trigger, SeriesReader series) : SeriesPredicate(series, null)
{
    private readonly long length = Words.Nanoseconds(trigger.Window);
    private readonly SumWindow window = new(Words.Nanoseconds(trigger.Window));

    protected override Truth Look(SubjectFrame frame, bool isNew)
    {
        if ((Series.Tiers & frame.Fresh) == 0) return Truth.Unknown;
        var elapsed = frame.Of(Series.Tier).Elapsed;
        switch (trigger.While.Holds(Series.Read(frame), trigger.Value))
        {
            case Truth.True: window.Add(elapsed, elapsed, frame.Now); break;
            case Truth.False: window.Add(0, elapsed, frame.Now); break;
            default: window.MoveTo(frame.Now); break;
        }
        Seen = window.Watched > 0 ? window.Amount / window.Watched : double.NaN;
        return window.IsHalfWatched
            ? trigger.Comparison.Holds(Seen, trigger.Share)
            : trigger.Comparison.HoldsForAtLeast(window.Amount / length, trigger.Share);
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(Series.Text).Append(' ').Append(trigger.While.Sign()).Append(' ').Append(Words.Number(trigger.Value)).Append(" for ");
        text.Append(double.IsNaN(Seen) ? "an unknown share" : Words.Percent(Seen)).Append(" of ").Append(Words.Duration(trigger.Window));
        if (!window.IsHalfWatched) text.Append(" (watched for ").Append(Words.Duration(window.Watched)).Append(')');
        text.Append(", needs ").Append(trigger.Comparison.Sign()).Append(' ').Append(Words.Percent(trigger.Share));
    }

    internal override void AddEvidence(List<EventValue> values) => values.Add(Evidence.Of(TriggerText.Name(trigger), Seen, trigger.Share));
}
