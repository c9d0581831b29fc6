using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task A_reader_sees_each_push_whole_while_another_thread_pushes()
    {
        var bench = new StoreBench();
        // All values of a push are its number: a page that mixes two pushes shows two values. Every seventh push has another set of series.
        var pushes = Enumerable.Range(1, 400).Select(number =>
        {
            var payload = bench.Payload(("host.name", "n1"));
            var count = number % 7 == 0 ? 300 : 400;
            return payload.Gauge("g", "", [.. Enumerable.Range(0, count).Select(index => payload.Point(number, ("i", (long)index)))]).ToArray();
        }).ToArray();
        bench.Store.Push(pushes[0], 1000);

        var pages = 0;
        var writing = Task.Factory.StartNew(() =>
        {
            // Until the reader has had its turn too, which may be late.
            for (var round = 0; round < 5 || Volatile.Read(ref pages) <= 10; round++)
                foreach (var push in pushes) bench.Store.Push(push, 1000);
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        do
        {
            var values = bench.Samples("n1").Select(static line => line[(line.LastIndexOf(' ') + 1)..]).ToHashSet();
            values.Should().ContainSingle("a page shows one push");
            Interlocked.Increment(ref pages);
        }
        while (!writing.IsCompleted);

        await writing;
        pages.Should().BeGreaterThan(10);
    }
}
