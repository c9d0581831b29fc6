using BenchmarkDotNet.Attributes;
using Monitoring.Collector.Series;

namespace Monitoring.Benchmarks.Collector.Series;

/// <summary>A push of 2,000 points of a node that is known: checked, decoded and stored. Allocates nothing per point.</summary>
[MemoryDiagnoser]
public class PushBenchmark
{
    private const int DifferentPushes = 8;

    private readonly byte[][] pushes = [.. Enumerable.Range(0, DifferentPushes).Select(NodePush.Make)];
    private SeriesStore store = null!;
    private int round;

    /// <summary>Makes the node known.</summary>
    [GlobalSetup]
    public void Fill()
    {
        store = new SeriesStore(new SeriesSettings(), TimeProvider.System);
        foreach (var push in pushes)
        {
            var outcome = store.Push(push, NodePush.Points);
            if (outcome != new PushOutcome(default, NodePush.Points, 0, PointRejection.None)) throw new InvalidOperationException($"The push was not stored whole: {outcome}.");
        }
    }

    [Benchmark]
    public int Store() => store.Push(pushes[round++ % DifferentPushes], NodePush.Points).Rejected;
}
