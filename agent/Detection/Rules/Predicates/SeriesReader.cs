using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Finds the series of a selector in a layout and makes one value of them.</summary>
/// <param name="selector">Which series.</param>
/// <param name="pinned">Further labels that a series must have, where it has them at all: those of the instance.</param>
internal sealed class SeriesReader(SeriesSelector selector, IReadOnlyList<KeyValuePair<string, string>> pinned)
{
    private readonly Func<string, bool>[] matchers = [.. selector.Matchers.Select(Matcher)];
    private int[] places = [];

    // The one place where there is one, which is the rule; -1 where several become one value.
    private int place = -1;

    /// <summary>Where the series stand in a frame.</summary>
    internal ReadOnlySpan<int> Places => places;

    /// <summary>The tier of the metric; it has one.</summary>
    internal Tier Tier { get; private set; }

    /// <summary>The tier as a set; none while there are no series.</summary>
    internal Tiers Tiers { get; private set; }

    /// <summary>True for a metric that only grows while its source lives.</summary>
    internal bool IsCounter { get; } = KindOf(selector.Metric) == MetricKind.Counter;

    /// <summary>As Prometheus writes it.</summary>
    internal string Text { get; } = TriggerText.Of(selector);

    /// <summary>Looks the series up.</summary>
    internal void Bind(FrameLayout layout)
    {
        List<int> found = [];
        for (var i = 0; i < layout.Series.Count; i++)
            if (Matches(layout.Series[i])) found.Add(i);
        places = [.. found];
        Tier = places.Length > 0 ? layout.Series[places[0]].Tier : default;
        place = places.Length == 1 && selector.Combine != Combine.Count ? places[0] : -1;
        Tiers = places.Length > 0 ? (Tiers)(1 << (int)Tier) : Tiers.None;
    }

    /// <summary>True where the selector means this series.</summary>
    internal bool Matches(SeriesName series)
    {
        if (series.Metric != selector.Metric) return false;
        for (var i = 0; i < matchers.Length; i++)
            if (!matchers[i](Label(series, selector.Matchers[i].Label) ?? "")) return false;
        foreach (var (label, value) in pinned)
            if (Label(series, label) is { } own && own != value) return false;
        return true;
    }

    /// <summary>The value now; NaN where no series has one, or where the tier is overdue.</summary>
    internal double Read(SubjectFrame frame)
    {
        if ((Tiers & frame.Fresh) == 0) return double.NaN;
        return place >= 0 ? frame.Values[place] : Combined(frame.Values);
    }

    /// <summary>The value of a label; null for none.</summary>
    internal static string? Label(SeriesName series, string label)
    {
        foreach (var (key, value) in series.Labels)
            if (key == label) return value;
        return null;
    }

    /// <summary>Makes one of several values, those that are NaN left out; NaN of none.</summary>
    internal static double CombineAll(Combine combine, ReadOnlySpan<double> values)
    {
        double sum = 0, highest = double.NegativeInfinity, lowest = double.PositiveInfinity;
        var count = 0;
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            count++;
            sum += value;
            if (value > highest) highest = value;
            if (value < lowest) lowest = value;
        }
        if (count == 0) return double.NaN;
        return combine switch
        {
            Combine.Sum => sum,
            Combine.Maximum => highest,
            Combine.Minimum => lowest,
            Combine.Mean => sum / count,
            _ => count,
        };
    }

    private double Combined(ReadOnlySpan<double> frame)
    {
        Span<double> values = places.Length <= 128 ? stackalloc double[places.Length] : new double[places.Length];
        for (var i = 0; i < places.Length; i++) values[i] = frame[places[i]];
        return CombineAll(selector.Combine, values);
    }

    private static Func<string, bool> Matcher(LabelMatcher matcher)
    {
        if (!matcher.Pattern) return value => (value == matcher.Value) != matcher.Negate;
        var pattern = LabelPattern.Of(matcher);
        return value => pattern.IsMatch(value) != matcher.Negate;
    }

    private static MetricKind KindOf(string metric)
    {
        foreach (var row in MetricTable.All)
            if (row.Name == metric) return row.Kind;
        // A recording may come from an agent that knows more metrics.
        return metric.EndsWith("_total", StringComparison.Ordinal) ? MetricKind.Counter : MetricKind.Gauge;
    }
}
