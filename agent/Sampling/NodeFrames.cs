namespace Monitoring.Agent.Sampling;

/// <summary>
/// Frames of the node's own metrics, read when asked: for detection once a second. Which series there are may change from frame to
/// frame (a port appears, a lane gets stuck); the layout is made anew only then. Owned by one thread.
/// </summary>
internal sealed class NodeFrames(NodeReadings readings)
{
    private readonly List<(NodeMetric Metric, string[] Labels)> known = [];
    private double[] values = [];
    private long number;
    private int count;

    /// <summary>What stands in the frame that was read last.</summary>
    internal FrameLayout Layout { get; private set; } = new([]);

    /// <summary>Values of the frame that was read last; NaN for none.</summary>
    internal ReadOnlySpan<double> Values => values.AsSpan(0, count);

    /// <summary>Reads a frame.</summary>
    /// <param name="metrics">The metrics to read; those that nobody answers for are passed over.</param>
    /// <param name="time">The clock of the frame.</param>
    internal FrameStamp Read(IReadOnlyList<NodeMetric> metrics, TimeProvider time)
    {
        count = 0;
        var isSame = true;
        foreach (var metric in metrics)
            foreach (var reading in readings.Read(metric))
            {
                isSame = isSame && count < known.Count && known[count].Metric == metric && known[count].Labels.AsSpan().SequenceEqual(reading.Labels);
                if (!isSame)
                {
                    if (count < known.Count) known.RemoveRange(count, known.Count - count);
                    known.Add((metric, reading.Labels));
                }
                if (count == values.Length) Array.Resize(ref values, Math.Max(16, 2 * count));
                values[count++] = reading.Value;
            }
        if (!isSame || count != known.Count)
        {
            known.RemoveRange(count, known.Count - count);
            Layout = new FrameLayout([.. known.Select(static series => Name(series.Metric, series.Labels))]);
        }
        return new FrameStamp(number++, time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, time.GetTimestamp(), Tiers.Medium);
    }

    private static SeriesName Name(NodeMetric metric, string[] labels) =>
        new(metric.Name, [.. metric.Labels.Select((name, place) => KeyValuePair.Create(name, labels[place]))], Tier.Medium);
}
