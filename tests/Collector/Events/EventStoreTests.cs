using FluentAssertions;
using Monitoring.Collector.Events;
using Monitoring.Collector.Storage;
using Monitoring.Segments;
using Monitoring.Tests.Collector.Storage;
using Xunit;

namespace Monitoring.Tests.Collector.Events;

public sealed class EventStoreTests : IDisposable
{
    private readonly ManualTimeProvider clock = new(SomeEvent.Start.AddHours(1));
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("events-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task An_event_is_kept_once_however_often_it_comes()
    {
        await using var running = await RunningStore.StartAsync(folder.FullName, clock);
        (await running.AppendAsync(1, 2, 2)).Should().Be(new RunningStore.Outcome(2, 1, 0, null));
        (await running.AppendAsync(2, 3)).Should().Be(new RunningStore.Outcome(1, 1, 0, null));
        running.Ids().Should().Equal(SomeEvent.IdOf(1), SomeEvent.IdOf(2), SomeEvent.IdOf(3));
        running.Store.Tally.Duplicates.Should().Be(2);
        running.Store.Tally.Accepted.Should().Be(3);
    }

    [Fact]
    public async Task What_was_kept_is_known_after_a_restart_at_the_same_place()
    {
        SegmentRecord[] before;
        await using (var first = await RunningStore.StartAsync(folder.FullName, clock))
        {
            await first.AppendAsync(1, 2);
            before = [.. first.Store.Read(0)];
        }

        await using var second = await RunningStore.StartAsync(folder.FullName, clock);
        (await second.AppendAsync(2, 3)).Should().Be(new RunningStore.Outcome(1, 1, 0, null));
        second.Store.Read(0).Take(2).Select(static item => item.Sequence).Should().Equal(before.Select(static item => item.Sequence));
        second.Store.Read(before[1].Sequence + 1).Select(static item => SomeEvent.IdIn(item.Payload)).Should().Equal(SomeEvent.IdOf(3));
        second.Store.Tally.Accepted.Should().Be(1, "what was counted before the restart is not counted again");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_torn_end_is_cut_off_and_comes_again(int cutBytes)
    {
        await using (var first = await RunningStore.StartAsync(folder.FullName, clock)) await first.AppendAsync(1, 2, 3);
        var segment = Directory.GetFiles(Path.Combine(folder.FullName, "events"), "*.segment").Single();
        await using (var file = File.OpenWrite(segment)) file.SetLength(file.Length - cutBytes);

        await using var second = await RunningStore.StartAsync(folder.FullName, clock);
        second.Ids().Should().Equal(SomeEvent.IdOf(1), SomeEvent.IdOf(2));
        (await second.AppendAsync(3)).Stored.Should().Be(1);
        second.Ids().Should().Equal(SomeEvent.IdOf(1), SomeEvent.IdOf(2), SomeEvent.IdOf(3));
    }

    [Fact]
    public async Task What_is_older_than_events_are_kept_is_counted_and_not_kept()
    {
        var settings = new EventSettings { MaxAge = TimeSpan.FromHours(2) };
        await using var running = await RunningStore.StartAsync(folder.FullName, clock, settings);
        await running.AppendAsync(1);
        clock.Advance(TimeSpan.FromHours(2));
        (await running.AppendAsync(1, 2, 3601)).Should().Be(new RunningStore.Outcome(1, 1, 1, null), "one that is there is a duplicate whatever its age");
        running.Store.Tally.Expired(EventExpiry.Late).Should().Be(1);
    }

    [Fact]
    public async Task Ids_are_forgotten_with_their_events_and_by_then_they_are_too_old_to_come_again()
    {
        var settings = new EventSettings { MaxAge = TimeSpan.FromHours(8), MaxEventBytes = 2048 };
        await using var running = await RunningStore.StartAsync(folder.FullName, clock, settings);
        await running.AppendAsync(1);
        for (var hour = 1; hour <= 12; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await running.AppendAsync(hour * 3600);
            (await running.AppendAsync(1)).Stored.Should().Be(0, "hour {0}", hour);
        }

        running.Ids().Should().NotContain(SomeEvent.IdOf(1));
        running.Store.Tally.Expired(EventExpiry.Age).Should().BePositive();
        running.Store.Tally.Expired(EventExpiry.Late).Should().BePositive();
        running.Store.Count.Should().Be(running.Ids().Length);
    }

    [Fact]
    public async Task The_oldest_make_room_for_the_newest()
    {
        var settings = new EventSettings { MaxBytes = 1 << 20, MaxEventBytes = 2048 };
        await using var running = await RunningStore.StartAsync(folder.FullName, clock, settings);
        for (var batch = 0; batch < 50; batch++) await running.AppendAsync([.. Enumerable.Range(batch * 100, 100)]);
        running.Store.SizeBytes.Should().BeLessThanOrEqualTo(1 << 20);
        running.Store.Count.Should().BeInRange(500, 4900);
        running.Store.Tally.Expired(EventExpiry.Size).Should().Be(5000 - running.Store.Count);
        running.Ids().Should().Equal(Enumerable.Range(5000 - (int)running.Store.Count, (int)running.Store.Count).Select(SomeEvent.IdOf));
    }

    [Fact]
    public async Task On_a_full_disk_the_sender_is_told_and_each_event_is_kept_once_when_there_is_room()
    {
        var log = new FailingRecordLog { Room = 2 };
        await using var running = await RunningStore.StartAsync(log, clock);
        (await running.AppendAsync(1, 2, 3, 4)).Fault.Should().Be("the events cannot be written: No space left on device");
        log.Room = int.MaxValue;
        (await running.AppendAsync(1, 2, 3, 4)).Should().Be(new RunningStore.Outcome(2, 2, 0, null));
        running.Ids().Should().Equal(Enumerable.Range(1, 4).Select(SomeEvent.IdOf));
        running.Store.Tally.StoreFailures.Should().Be(1);
        running.Store.Tally.Accepted.Should().Be(4);
    }

    [Fact]
    public async Task What_the_disk_did_not_confirm_is_written_again_and_seen_once()
    {
        var log = new FailingRecordLog();
        await using (var running = await RunningStore.StartAsync(log, clock))
        {
            await running.AppendAsync(1);
            log.IsFlushBroken = true;
            (await running.AppendAsync(2, 3)).Fault.Should().Be("the events cannot be written: Input/output error");
            running.Ids().Should().Equal([SomeEvent.IdOf(1)], "what is not safe is not shown");
            log.IsFlushBroken = false;
            (await running.AppendAsync(2, 3)).Should().Be(new RunningStore.Outcome(2, 0, 0, null));
            log.Kept.Should().HaveCount(5);
            running.Ids().Should().Equal(Enumerable.Range(1, 3).Select(SomeEvent.IdOf));
        }

        await using var again = await RunningStore.StartAsync(log, clock);
        again.Ids().Should().Equal(Enumerable.Range(1, 3).Select(SomeEvent.IdOf));
    }

    [Fact]
    public async Task Many_pushes_share_one_flush()
    {
        var log = new FailingRecordLog();
        var store = new EventStore(log, new EventSettings(), clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<EventStore>.Instance);
        var pushes = Enumerable.Range(0, 100).Select(number => store.AppendAsync(SomeEvent.Incoming(number))).ToList();
        await store.StartAsync(CancellationToken.None);
        (await Task.WhenAll(pushes)).Should().OnlyContain(static commit => commit.Count(RecordFate.Stored) == 1);
        log.Flushes.Should().Be(1);
        await store.StopAsync(CancellationToken.None);
        (await store.AppendAsync(SomeEvent.Incoming(100))).Fault.Should().Be("the collector is stopping");
        store.Dispose();
    }

    [Fact]
    public async Task What_waits_for_the_disk_is_bounded()
    {
        var settings = new EventSettings { MaxPendingBytes = 1000 };
        using var store = new EventStore(new FailingRecordLog(), settings, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<EventStore>.Instance);
        var first = store.AppendAsync(SomeEvent.Incoming(1, 2, 3, 4, 5));
        var second = await store.AppendAsync(SomeEvent.Incoming(6));
        second.Fault.Should().EndWith("bytes of events wait for the disk already, events.max_pending_bytes allows 1000");
        await store.StartAsync(CancellationToken.None);
        (await first).Count(RecordFate.Stored).Should().Be(5, "one push always fits, whatever its size");
        (await store.AppendAsync(SomeEvent.Incoming(6))).Count(RecordFate.Stored).Should().Be(1);
    }

    [Fact]
    public async Task Without_a_state_directory_memory_is_bounded_too()
    {
        await using var running = await RunningStore.StartAsync(new MemoryRecordLog(10_000), clock);
        for (var number = 0; number < 100; number++) await running.AppendAsync(number);
        running.Store.SizeBytes.Should().BeLessThanOrEqualTo(10_000);
        running.Store.Count.Should().BeInRange(10, 50);
        running.Ids()[^1].Should().Be(SomeEvent.IdOf(99));
        (await running.AppendAsync(99)).Duplicates.Should().Be(1);
    }

    [Fact]
    public async Task Two_collectors_do_not_share_a_state_directory()
    {
        await using var running = await RunningStore.StartAsync(folder.FullName, clock);
        var act = () => RunningStore.StartAsync(folder.FullName, clock);
        (await act.Should().ThrowAsync<StateDirectoryException>()).Which.Message.Should().StartWith($"cannot keep events in {folder.FullName}/events: ").And.Contain("in use by another process");
    }
}
