namespace Monitoring.Agent.Sampling;

/// <summary>Name of one value of a frame.</summary>
/// <param name="Metric">Prometheus name of its metric.</param>
/// <param name="Labels">The metric's own labels, in the order of the table; cluster, node, gpu and uuid are the subject's.</param>
/// <param name="Tier">How often it is read.</param>
internal sealed record SeriesName(string Metric, IReadOnlyList<KeyValuePair<string, string>> Labels, Tier Tier)
{
    /// <summary>As Prometheus writes it.</summary>
    public override string ToString() =>
        Labels.Count == 0 ? Metric : $"{Metric}{{{string.Join(',', Labels.Select(static label => $"{label.Key}=\"{label.Value}\""))}}}";
}

/// <summary>What stands at each place of a frame, live or recorded; made once for each set of series.</summary>
internal sealed class FrameLayout(IReadOnlyList<SeriesName> series)
{
    /// <summary>Names of the values, in their order.</summary>
    internal IReadOnlyList<SeriesName> Series { get; } = series;

    /// <summary>The layout of a live set.</summary>
    internal static FrameLayout Of(SeriesSet set) => new([.. set.All.Select(static series => new SeriesName(
        series.Metric.Name, [.. Own(series)], series.Metric.Tier))]);

    private static IEnumerable<KeyValuePair<string, string>> Own(Series series)
    {
        foreach (var name in series.Metric.Labels.Names)
            yield return new(name, (string)Array.Find(series.Tags, tag => tag.Key == name).Value!);
    }
}

/// <summary>Which tiers a frame was read for.</summary>
[Flags]
internal enum Tiers
{
    None = 0,
    Fast = 1 << Tier.Fast,
    Medium = 1 << Tier.Medium,
    Slow = 1 << Tier.Slow,
}

/// <summary>When a frame was taken, and what of it is new.</summary>
/// <param name="Number">Counts the frames of a set from 0.</param>
/// <param name="UnixMicroseconds">Wall clock; may jump.</param>
/// <param name="Timestamp">Timestamp of the time provider; never runs back.</param>
/// <param name="Read">The tiers that were read; the values of others are what they were.</param>
internal readonly record struct FrameStamp(long Number, long UnixMicroseconds, long Timestamp, Tiers Read);
