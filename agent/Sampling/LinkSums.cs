namespace Monitoring.Agent.Sampling;

/// <summary>
/// What is exported of series that only <c>sampling.per_link_errors</c> exports one by one: their sums over the links. Rules and recordings
/// see every link in any case.
/// </summary>
internal sealed class LinkSums
{
    private readonly Dictionary<GpuMetric, LinkSum[]> sums = new(ReferenceEqualityComparer.Instance);

    /// <param name="series">The series of each link.</param>
    /// <param name="perLink">True where each link is exported, and there are no sums.</param>
    internal LinkSums(SeriesSet series, bool perLink)
    {
        if (perLink) return;
        foreach (var metric in MetricTable.All.OfType<GpuMetric>())
        {
            if (!metric.PerLinkErrors || series.RangeOf(metric) is not (var start, > 0 and var count)) continue;
            var link = metric.Labels.Names[0];
            sums.Add(metric, [.. Enumerable.Range(start, count).GroupBy(place => series.All[place].Second)
                .Select(each => new LinkSum(series, [.. series.All[each.First()].Tags.Where(tag => tag.Key != link)], [.. each]))]);
        }
    }

    /// <summary>Every sum.</summary>
    internal IEnumerable<LinkSum> All => sums.Values.SelectMany(static each => each);

    /// <summary>The sums of a metric; null where each of its series is exported.</summary>
    internal IReadOnlyList<LinkSum>? Of(GpuMetric metric) => sums.GetValueOrDefault(metric);
}

/// <summary>
/// The sum of one counter over the links. A link that is down tells no counts, and may begin anew at 0 when it is back: the sum keeps what it
/// had counted, and never falls.
/// </summary>
/// <param name="series">The series of each link.</param>
/// <param name="tags">Labels of the sum.</param>
/// <param name="places">Where the series of the links stand.</param>
internal sealed class LinkSum(SeriesSet series, KeyValuePair<string, object?>[] tags, int[] places)
{
    private readonly Lock gate = new();
    private readonly double[] last = new double[places.Length];
    private double before;

    /// <summary>Its labels.</summary>
    internal KeyValuePair<string, object?>[] Tags => tags;

    /// <summary>The sum now; NaN where no link tells. Any thread may ask.</summary>
    internal double Value()
    {
        lock (gate)
        {
            var (total, isTold) = (0.0, false);
            for (var i = 0; i < places.Length; i++)
            {
                var value = series.Value(places[i]);
                if (!double.IsNaN(value))
                {
                    if (value < last[i]) before += last[i];
                    last[i] = value;
                    isTold = true;
                }
                total += last[i];
            }
            return isTold ? before + total : double.NaN;
        }
    }
}
