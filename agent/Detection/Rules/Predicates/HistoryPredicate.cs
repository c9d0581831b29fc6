using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>
/// The value now against the median and the median absolute deviation of the means of the last 60 closed buckets of its window, which are
/// taken anew once a bucket. A change that lasts for half of the window is the new normal. Unknown until half of it was watched.
/// </summary>
internal sealed class HistoryPredicate(HistoryTrigger trigger, SeriesReader series) : SeriesPredicate(series, null)
{
    // Makes the median absolute deviation of a normal distribution its standard deviation.
    private const double DeviationScale = 1.4826;

    private readonly StatisticWindow past = new(Words.Nanoseconds(trigger.Window), 0);
    private double median = double.NaN;
    private double deviation = double.NaN;
    private double score = double.NaN;
    private bool isKnown;

    protected override Truth Look(SubjectFrame frame, bool isNew)
    {
        if ((Series.Tiers & frame.Fresh) == 0) return Truth.Unknown;
        if (past.MoveTo(frame.Now)) Study();
        Seen = Series.Read(frame);
        if (double.IsNaN(Seen)) return Truth.Unknown;
        var verdict = isKnown ? Judge() : Truth.Unknown;
        past.Add(Seen, frame.Of(Series.Tier).Elapsed);
        return verdict;
    }

    private Truth Judge()
    {
        var distance = (Seen - median) * Math.Sign(trigger.Scores);
        var needed = Math.Max(Math.Abs(trigger.Scores) * deviation, trigger.AtLeast);
        score = deviation > 0 ? (Seen - median) / deviation : double.NaN;
        return distance > 0 && distance >= needed ? Truth.True : Truth.False;
    }

    private void Study()
    {
        Span<double> means = stackalloc double[past.Width];
        means = means[..past.CopyMeans(means)];
        isKnown = past.IsHalfWatched && means.Length > 1;
        if (!isKnown) return;
        median = Medians.Of(means);
        for (var i = 0; i < means.Length; i++) means[i] = Math.Abs(means[i] - median);
        deviation = DeviationScale * Medians.Of(means);
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(Series.Text).Append(double.IsNaN(Seen) ? " has no value" : " is ").Append(double.IsNaN(Seen) ? "" : Words.Number(Seen));
        if (isKnown)
            text.Append(", ").Append(double.IsNaN(score) ? "its past does not vary" : $"{Words.Number(score)} deviations from its past").Append(" (median ").Append(Words.Number(median)).Append(" of ").Append(Words.Duration(trigger.Window)).Append(')');
        else
            text.Append(", its past is known for ").Append(Words.Duration(past.Watched)).Append(" of ").Append(Words.Duration(trigger.Window));
        text.Append(", needs ").Append(trigger.Scores < 0 ? "<= " : ">= ").Append(Words.Number(trigger.Scores));
        if (trigger.AtLeast > 0) text.Append(" and a distance of ").Append(Words.Number(trigger.AtLeast));
    }

    internal override void AddEvidence(List<EventValue> values)
    {
        values.Add(Evidence.Of(Series.Text, Seen, median + Math.Sign(trigger.Scores) * Math.Max(Math.Abs(trigger.Scores) * deviation, trigger.AtLeast)));
        values.Add(Evidence.Of(TriggerText.Name(trigger), score, trigger.Scores));
    }
}

/// <summary>Medians of a few numbers.</summary>
internal static class Medians
{
    /// <summary>The median; the numbers are sorted by it. NaN of none.</summary>
    internal static double Of(Span<double> numbers)
    {
        if (numbers.IsEmpty) return double.NaN;
        numbers.Sort();
        var middle = numbers.Length / 2;
        return numbers.Length % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
    }
}
