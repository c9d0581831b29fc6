using FluentAssertions;
using Monitoring.Collector.Series;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class AllocationTests
{
    // A cleanup every tenth push makes two delegates: a constant, but never a byte per point.
    private const long AllowedBytesPerPush = 256;

    [Fact]
    public void A_known_push_of_two_thousand_points_is_stored_without_allocating_per_point()
    {
        var bench = new StoreBench();
        var pushes = Enumerable.Range(0, 8).Select(round => NodePush(bench, gpus: 8, metrics: 250, round)).ToArray();
        // Twice: what runs only every tenth push is compiled and at rest by then.
        foreach (var push in pushes.Concat(pushes)) bench.Store.Push(push, 10_000).Should().Be(new PushOutcome(default, 2000, 0, PointRejection.None));

        var allocated = new List<long>(pushes.Length);
        foreach (var push in pushes)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            bench.Store.Push(push, 10_000);
            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // The median: the runtime itself may allocate once, on this thread, while it exchanges code for faster code.
        allocated.Order().ElementAt(pushes.Length / 2).Should().BeLessThan(AllowedBytesPerPush);
        bench.Samples("n1").Should().HaveCount(2000);
    }

    [Fact]
    public void A_known_histogram_is_stored_without_allocating()
    {
        var bench = new StoreBench();
        var payload = bench.Payload(("host.name", "n1"));
        var bounds = Enumerable.Range(1, 10).Select(static bound => (double)bound).ToArray();
        var points = Enumerable.Range(0, 100).Select(gpu => payload.HistogramPoint(new ulong[11], bounds, 1, 0, true, ("gpu", (long)gpu))).ToArray();
        var push = payload.Histogram("h", "s", points).ToArray();
        for (var round = 0; round < 16; round++) bench.Store.Push(push, 10_000);

        Allocations.Of(() => bench.Store.Push(push, 10_000)).Should().BeLessThan(AllowedBytesPerPush);
        bench.Store.Push(push, 10_000).Rejected.Should().Be(0);
    }

    /// <summary>What an agent sends: each metric with a point per GPU and the agent's four attributes on it.</summary>
    internal static byte[] NodePush(StoreBench bench, int gpus, int metrics, int round, string node = "n1")
    {
        var payload = new OtlpPayload { TimeUnixNano = StoreBench.UnixNano(bench.Clock.GetUtcNow()) }.Resource(("host.name", node), ("service.name", "gpu-agent")).Scope("gpu");
        for (var metric = 0; metric < metrics; metric++)
        {
            var points = Enumerable.Range(0, gpus).Select(gpu => payload.Point(
                (round * 1000) + metric + (gpu / 10.0),
                ("cluster", "c1"), ("node", node), ("gpu", gpu.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("uuid", $"GPU-00000000-0000-0000-0000-{gpu:D12}")));
            payload.Metric($"gpu.metric_{metric}", "W", "A metric of the test.", 5, [.. points], null, null);
        }

        return payload.ToArray();
    }
}
