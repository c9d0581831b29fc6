using System.Diagnostics.Metrics;

namespace Monitoring.Collector.Ingest;

/// <summary>Measures how long pushes take to unpack, validate and store.</summary>
internal sealed class PushMeasure(Meter meter, TimeProvider time)
{
    // From the steady state of one agent (0.1 ms) to a body at the limit.
    private static readonly double[] BoundsSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

    private readonly Histogram<double> duration = meter.CreateHistogram(
        "gpu.collector.push.duration", "s", "Time from a received body to its points being stored.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = BoundsSeconds });

    /// <summary>Starts the clock.</summary>
    public long Start() => time.GetTimestamp();

    /// <summary>Stops it.</summary>
    public void Stop(long start) => duration.Record(time.GetElapsedTime(start).TotalSeconds);
}
