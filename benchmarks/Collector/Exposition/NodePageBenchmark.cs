using BenchmarkDotNet.Attributes;
using Monitoring.Collector.Exposition;
using Monitoring.Collector.Series;

namespace Monitoring.Benchmarks.Collector.Exposition;

/// <summary>The page of a node with 2,000 series: its newest values copied and written.</summary>
[MemoryDiagnoser]
public class NodePageBenchmark
{
    private Node node = null!;
    private long now;

    /// <summary>Makes the node known; the clock stands still from then on, so that its data does not expire.</summary>
    [GlobalSetup]
    public void Fill()
    {
        var store = new SeriesStore(new SeriesSettings(), TimeProvider.System);
        store.Push(NodePush.Make(1), NodePush.Points);
        now = TimeProvider.System.GetTimestamp();
        node = store.Nodes.TryGet(NodePush.Node, out var found) ? found : throw new InvalidOperationException("The push was not stored.");
    }

    /// <summary>Prometheus text format 0.0.4.</summary>
    [Benchmark(Baseline = true)]
    public int Text() => Write(PageFormat.Text);

    /// <summary>OpenMetrics 1.0.0.</summary>
    [Benchmark]
    public int OpenMetrics() => Write(PageFormat.OpenMetrics);

    private int Write(PageFormat format)
    {
        using var page = new PageBuffer();
        return NodePage.TryWrite(node, now, format, page) ? page.Written.Length : throw new InvalidOperationException("The page could not be read.");
    }
}
