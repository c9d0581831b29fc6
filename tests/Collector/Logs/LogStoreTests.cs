using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Storage;
using Monitoring.Segments;
using Monitoring.Settings.Logs;
using Monitoring.Tests.Collector.Storage;
using Xunit;

namespace Monitoring.Tests.Collector.Logs;

public sealed class LogStoreTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("logs-");
    private readonly ManualTimeProvider clock = new(SomeLine.Start.AddHours(1));
    private readonly LogStoreSettings settings = new();

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task A_line_is_kept_once_however_often_it_comes_and_over_a_restart()
    {
        using (var store = await StartAsync())
        {
            (await store.AppendAsync(SomeLine.Lines(1, 2))).Fates.Should().Equal(RecordFate.Stored, RecordFate.Stored);
            (await store.AppendAsync(SomeLine.Lines(2, 3, 3))).Fates.Should().Equal(RecordFate.Duplicate, RecordFate.Stored, RecordFate.Duplicate);
            await store.StopAsync(default);
        }

        using var again = await StartAsync();
        (await again.AppendAsync(SomeLine.Lines(1, 2, 3, 4))).Fates.Should().Equal(RecordFate.Duplicate, RecordFate.Duplicate, RecordFate.Duplicate, RecordFate.Stored);
        again.Count.Should().Be(4);
        Read(again).Should().Equal("life-1", "life-2", "life-3", "life-4");
        (again.Tally.Accepted, again.Tally.Duplicates).Should().Be((1, 3));
        await again.StopAsync(default);
    }

    [Fact]
    public async Task The_newest_by_their_own_time_come_first_page_by_page_whatever_the_order_of_arrival()
    {
        using var store = await StartAsync();
        int[] numbers = [.. Enumerable.Range(0, 50)];
        new Random(1).Shuffle(numbers);
        await store.AppendAsync(SomeLine.Lines(numbers));
        var seen = new List<string>();
        var query = new LogQuery { Limit = 7 };
        while (true)
        {
            var page = store.Query(query);
            seen.AddRange(page.Documents.Select(SomeLine.Text));
            if (page.Next is not { } next) break;
            query = query with { After = next };
        }

        seen.Should().Equal(Enumerable.Range(0, 50).Reverse().Select(static number => SomeLine.Json(number)));
        await store.StopAsync(default);
    }

    [Fact]
    public async Task The_oldest_files_go_and_what_they_held_is_counted_and_found_no_more()
    {
        settings.MaxBytes = 1 << 20;
        using var store = await StartAsync();
        for (var number = 0; number < 12_000; number += 500) await store.AppendAsync(SomeLine.Lines([.. Enumerable.Range(number, 500)]));
        store.Sweep();
        await store.AppendAsync(SomeLine.Lines(12_000));
        store.SizeBytes.Should().BeLessThanOrEqualTo(1 << 20);
        var kept = Read(store).Count;
        kept.Should().BeInRange(3000, 7000);
        store.Count.Should().Be(kept);
        store.Tally.Lost(LogLoss.Expired).Should().Be(12_001 - kept);
        var oldest = store.Query(new LogQuery { Until = SomeLine.Start.AddSeconds(100) });
        (oldest.Documents.Count, oldest.Next).Should().Be((0, null));
        await store.StopAsync(default);
    }

    [Fact]
    public async Task What_the_disk_did_not_confirm_is_refused_and_written_again_when_it_comes_again()
    {
        var log = new FailingRecordLog();
        using var store = await StartAsync(log);
        log.IsFlushBroken = true;
        var commit = await store.AppendAsync(SomeLine.Lines(1));
        (commit.Fault, commit.IsFull).Should().Be(("the log lines cannot be written: Input/output error", false));
        store.Count.Should().Be(0);
        (log.IsFlushBroken, log.Room) = (false, 0);
        (await store.AppendAsync(SomeLine.Lines(1))).Fault.Should().Be("the log lines cannot be written: No space left on device");
        log.Room = int.MaxValue;
        (await store.AppendAsync(SomeLine.Lines(1))).Fates.Should().Equal(RecordFate.Stored);
        store.Tally.StoreFailures.Should().Be(2);
        await store.StopAsync(default);
    }

    [Fact]
    public async Task Who_finds_the_queue_full_is_told_so_at_once_and_the_collectors_own_lines_are_dropped_and_counted()
    {
        settings.MaxPendingBytes = 1 << 20;
        using var held = new ManualResetEventSlim();
        var log = new FailingRecordLog { Hold = held };
        using var store = await StartAsync(log);
        var waiting = new List<Task<RecordCommit>>();
        var refused = 0;
        for (var number = 0; number < 20_000 && refused < 10; number += 100)
        {
            var one = store.AppendAsync(SomeLine.Lines([.. Enumerable.Range(number, 100)]));
            if (one.IsCompleted && (await one).IsFull) refused++;
            else waiting.Add(one);
        }

        refused.Should().Be(10);
        store.Offer(SomeLine.Line(90_000));
        // A single line may still fit beside pushes of a hundred.
        for (var number = 0; number < 200; number++) store.Offer(SomeLine.Line(91_000 + number));
        store.Tally.Lost(LogLoss.Queue).Should().BeGreaterThan(0);
        held.Set();
        (await Task.WhenAll(waiting)).Should().OnlyContain(static commit => commit.Fault == null);
        await store.StopAsync(default);
    }

    [Fact]
    public async Task Who_reads_along_hears_of_a_line_when_it_is_safe()
    {
        using var held = new ManualResetEventSlim();
        var log = new FailingRecordLog { Hold = held };
        using var store = await StartAsync(log);
        var next = store.EndSequence;
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Added += () => heard.TrySetResult();
        var push = store.AppendAsync(SomeLine.Lines(1));
        await Eventually.HoldsAsync("the line is on its way to the disk", () => log.NextSequence > next);
        (heard.Task.IsCompleted, push.IsCompleted, store.EndSequence, store.Read(next).Count()).Should().Be((false, false, next, 0));
        held.Set();
        await heard.Task.WaitAsync(Eventually.Patience);
        (await push).Fault.Should().BeNull();
        store.Read(next).Select(static one => one.Line.Id).Should().Equal("life-1");
        store.EndSequence.Should().BeGreaterThan(next);
        await store.StopAsync(default);
    }

    [Fact]
    public void What_is_written_is_read_again_and_nothing_else_is_taken_for_a_line()
    {
        Prop.ForAll<NonNull<string>, NonNull<string>, byte[]>((id, node, json) =>
        {
            var line = new LogLine(SomeLine.Index, Cut(id.Get), SomeLine.Start, Cut(node.Get), LogThreshold.Error, json ?? []);
            var read = LogLine.Read(line.Write());
            return read is not null && read with { Json = default } == line with { Json = default } && read.Json.Span.SequenceEqual(line.Json.Span);
        }).Check(Fuzzing.Cases(100));
        Prop.ForAll<byte[]>(static bytes => (LogLine.Read(bytes)?.Json.Length ?? 0) <= (bytes?.Length ?? 0)).Check(Fuzzing.Cases(100));

        // As the endpoint checks: no more bytes than a length has room for, and Unicode.
        static string Cut(string text) => new([.. text.Where(static letter => !char.IsSurrogate(letter)).Take(60)]);
    }

    private async Task<LogStore> StartAsync(IRecordLog? log = null)
    {
        var store = new LogStore(log ?? LogStorage.Open(directory.FullName, settings, clock, NullLogger<LogStore>.Instance), settings, clock, NullLogger<LogStore>.Instance);
        await store.StartAsync(default);
        await store.Recovered;
        return store;
    }

    private static List<string> Read(LogStore store) => [.. store.Read(0).Select(static one => one.Line.Id)];
}
