using FluentAssertions;
using Monitoring.Collector.Events;
using Monitoring.Collector.Search.Sources;
using Monitoring.Collector.Storage;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Collector.Search.Documents;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Sources;

public sealed class EventSourceTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("event-source-");
    private readonly ManualTimeProvider clock = new(SomeEvent.Start.AddMinutes(10));

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Events_come_in_order_and_those_that_were_settled_do_not_come_again()
    {
        await using var store = await RunningStore.StartAsync(folder.FullName, clock);
        await store.AppendAsync(1, 2, 3);
        using (var source = Open(store.Store))
        {
            var first = ReadAll(source);
            first.Select(static one => one.Id).Should().Equal(SomeEvent.IdOf(1), SomeEvent.IdOf(2), SomeEvent.IdOf(3));
            first.Should().OnlyContain(static one => one.Index == "logs-gpu.event-default-2026.01.01-000001");
            source.Waiting.Should().Be(3);
            // Not in order: what comes before the first open one is settled.
            source.Settle(first[0]);
            source.Settle(first[2]);
            source.Waiting.Should().Be(1);
        }

        await store.AppendAsync(4);
        using var next = Open(store.Store);
        ReadAll(next).Select(static one => one.Id).Should().Equal(SomeEvent.IdOf(2), SomeEvent.IdOf(3), SomeEvent.IdOf(4));
    }

    [Fact]
    public async Task A_reader_who_waits_is_woken_by_the_next_event()
    {
        await using var store = await RunningStore.StartAsync(folder.FullName, clock);
        using var source = Open(store.Store);
        ReadAll(source).Should().BeEmpty();
        var waiting = source.WaitAsync(CancellationToken.None).AsTask();
        waiting.IsCompleted.Should().BeFalse();

        await store.AppendAsync(1);

        await waiting.WaitAsync(Eventually.Patience);
        ReadAll(source).Should().ContainSingle();
    }

    [Fact]
    public async Task What_the_store_gives_up_before_it_was_sent_is_counted()
    {
        var log = new MemoryRecordLog(3000);
        await using var store = await RunningStore.StartAsync(log, clock);
        using var source = Open(store.Store);
        await store.AppendAsync(1);
        ReadAll(source);
        await store.AppendAsync([.. Enumerable.Range(2, 30)]);

        var read = ReadAll(source);

        read.Should().NotBeEmpty();
        Dropped(source, "left_store").Should().Be(30 - read.Count);
    }

    [Fact]
    public async Task A_new_ledger_over_an_old_store_has_lost_nothing()
    {
        var log = new MemoryRecordLog(3000);
        await using var store = await RunningStore.StartAsync(log, clock);
        await store.AppendAsync([.. Enumerable.Range(1, 30)]);
        using var source = Open(store.Store);

        ReadAll(source).Should().NotBeEmpty();

        Dropped(source, "left_store").Should().Be(0, "what was given up before anybody wanted to have it is not lost by the delivery");
    }

    [Fact]
    public async Task What_is_given_up_while_the_server_is_away_from_the_start_is_counted_over_restarts_too()
    {
        var log = new MemoryRecordLog(3000);
        await using var store = await RunningStore.StartAsync(log, clock);
        await store.AppendAsync(1);
        using (var before = Open(store.Store)) before.Waiting.Should().Be(1);
        await store.AppendAsync([.. Enumerable.Range(2, 30)]);

        using var source = Open(store.Store);
        var read = ReadAll(source);

        Dropped(source, "left_store").Should().Be(31 - read.Count);
    }

    [Fact]
    public async Task A_restart_gives_everything_again()
    {
        await using var store = await RunningStore.StartAsync(folder.FullName, clock);
        await store.AppendAsync(1, 2);
        using var source = Open(store.Store);
        foreach (var one in ReadAll(source)) source.Settle(one);
        source.Commit();
        ReadAll(source).Should().BeEmpty();

        source.Restart();

        ReadAll(source).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_store_that_was_emptied_is_read_from_its_beginning()
    {
        await using (var store = await RunningStore.StartAsync(Path.Combine(folder.FullName, "one"), clock))
        {
            await store.AppendAsync(1, 2, 3);
            using var source = Open(store.Store);
            foreach (var one in ReadAll(source)) source.Settle(one);
        }

        await using var fresh = await RunningStore.StartAsync(Path.Combine(folder.FullName, "two"), clock);
        await fresh.AppendAsync(4);
        using var again = Open(fresh.Store);
        ReadAll(again).Select(static one => one.Id).Should().Equal(SomeEvent.IdOf(4));
    }

    private static long Dropped(EventSource source, string reason) => source.Dropped.Single(one => one.Key == reason).Value;

    private static List<SourceDocument> ReadAll(EventSource source)
    {
        var documents = new List<SourceDocument>();
        while (source.Read(documents, 2, 1 << 20))
        {
        }
        return documents;
    }

    private EventSource Open(EventStore store) => new(store, folder.FullName, GoldenDocuments.Places, static () => GoldenDocuments.OpenPrivacy);
}
