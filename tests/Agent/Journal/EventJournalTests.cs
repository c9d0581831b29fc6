using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Journal;
using Monitoring.Contracts.Events;
using Monitoring.Segments;
using Xunit;

namespace Monitoring.Tests.Agent.Journal;

public sealed class EventJournalTests : IDisposable
{
    private readonly JournalDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void What_was_written_is_there_after_opening_again()
    {
        using (var journal = directory.Open())
        {
            journal.Append(directory.Xid(1)).Should().BeTrue();
            journal.Append(directory.Xid(2, code: 13)).Should().BeTrue();
            journal.Append(new SourceCursor("kmsg", "boot-1 42"));
            journal.AppendState("rules", JsonSerializer.SerializeToElement(new { armed = 3 }));
            journal.CountAnomaly("clock_straggler", JournalDirectory.Gpu);
            journal.Settle(1);
        }
        using var again = directory.Open();

        again.Recent(10).Select(static record => record.Id).Should().Equal(JournalDirectory.Id(1), JournalDirectory.Id(2));
        again.Cursor("kmsg").Should().Be("boot-1 42");
        again.Cursor("nvml").Should().BeNull();
        again.State("rules")!.Value.GetProperty("armed").GetInt32().Should().Be(3);
        JournalDirectory.Xids(again).Should().Be(1);
        JournalDirectory.Count(again, EventCounters.Anomalies, "GPU-aaaa", "clock_straggler").Should().Be(1);
        JournalDirectory.Count(again, EventCounters.Events, "xid", "critical").Should().Be(2);
    }

    [Fact]
    public void The_writer_waits_for_nothing_but_the_disk_before_an_event_is_safe()
    {
        FaultyLog? log = null;
        var flushes = 0;
        using var journal = new EventJournal(calls => log = new FaultyLog(calls), JournalDirectory.Node, isShipped: true, directory.Time, NullLogger<EventJournal>.Instance) { LookInterval = TimeSpan.FromHours(1) };
        // One comes while the disk is busy with the one before.
        log!.Flushing = () =>
        {
            if (Interlocked.Increment(ref flushes) == 1) journal.Append(directory.Xid(2));
        };
        journal.Start();

        journal.Append(directory.Xid(1));

        Eventually.Holds("both are safe, and neither time went by nor did the writer look by itself", () => journal.Waiting == 2);
    }

    [Fact]
    public async Task What_becomes_safe_while_a_batch_is_read_is_not_settled_with_it()
    {
        FaultyLog? log = null;
        using var journal = new EventJournal(calls => log = new FaultyLog(calls), JournalDirectory.Node, isShipped: true, directory.Time, NullLogger<EventJournal>.Instance);
        journal.Append(directory.Xid(1));
        journal.Write();
        using var flushing = new ManualResetEventSlim();
        using var flushed = new ManualResetEventSlim();
        log!.Flushing = () =>
        {
            flushing.Set();
            flushed.Wait(Eventually.Patience);
        };
        journal.Append(directory.Xid(2));
        journal.Append(directory.Xid(3));
        var writing = Task.Run(journal.Write);
        flushing.Wait(Eventually.Patience).Should().BeTrue();
        // The disk is done after the second record was looked at and before the third is.
        log.Reading = record =>
        {
            if (record.Sequence < log.NextSequence - 1) return;
            flushed.Set();
            writing.Wait(Eventually.Patience);
        };

        var batch = journal.Oldest(10, long.MaxValue);

        flushed.Set();
        await writing;
        (log.Flushing, log.Reading) = (null, null);
        Ids(batch).Should().Equal(JournalDirectory.Id(1));
        journal.Settle(batch[^1].Sequence);
        Ids(journal.Oldest(10, long.MaxValue)).Should().Equal(JournalDirectory.Id(2), JournalDirectory.Id(3));
    }

    [Fact]
    public void An_event_that_it_has_is_passed_over_also_after_opening_again()
    {
        using (var journal = directory.Open())
        {
            journal.Append(directory.Xid(1));
            journal.Append(directory.Xid(1)).Should().BeFalse();
        }
        using var again = directory.Open();

        again.Append(directory.Xid(1)).Should().BeFalse();
        JournalDirectory.Xids(again).Should().Be(1);
        again.Waiting.Should().Be(1);
    }

    [Fact]
    public void What_was_not_yet_written_is_gone_after_a_sudden_end_and_is_counted_once_when_it_is_seen_again()
    {
        // The writer had no turn; a journal that is not disposed keeps its directory, so the next one looks at a copy.
        var journal = directory.Open();
        journal.Append(directory.Xid(1));
        journal.Write();
        journal.Append(directory.Xid(2));
        journal.Append(new SourceCursor("kmsg", "boot-1 2"));
        using var copy = new JournalDirectory();
        foreach (var file in Directory.GetFiles(directory.DirectoryPath, "*.segment")) File.WriteAllBytes(Path.Combine(copy.DirectoryPath, Path.GetFileName(file)), File.ReadAllBytes(file));

        using var again = copy.Open();

        again.Cursor("kmsg").Should().BeNull();
        again.Append(directory.Xid(2)).Should().BeTrue();
        JournalDirectory.Xids(again).Should().Be(2);
        journal.Dispose();
    }

    [Fact]
    public void Events_wait_in_order_until_they_are_settled()
    {
        using var journal = directory.Open();
        for (var number = 1; number <= 5; number++) journal.Append(directory.Xid(number));
        journal.Oldest(10, long.MaxValue).Should().BeEmpty("nothing is sent that is not on disk");
        journal.Write();

        var first = journal.Oldest(2, long.MaxValue);
        first.Select(static waiting => EventJson.Read(waiting.Json.Span).Id).Should().Equal(JournalDirectory.Id(1), JournalDirectory.Id(2));
        journal.Settle(first[^1].Sequence);
        journal.Waiting.Should().Be(3);
        journal.Oldest(10, 1).Should().ContainSingle("one is given even if it is too large");
        journal.Write();
        journal.Dispose();

        using var again = directory.Open();
        JournalDirectory.Waiting(again).Should().Equal(JournalDirectory.Id(3), JournalDirectory.Id(4), JournalDirectory.Id(5));
    }

    [Fact]
    public async Task Who_waits_for_events_is_woken_when_one_is_safe()
    {
        using var journal = directory.Open();
        var waits = journal.WaitAsync(TestContext.Current.CancellationToken);
        journal.Append(directory.Xid(1));
        waits.IsCompleted.Should().BeFalse();

        journal.Write();

        await waits;
        journal.Settle(journal.Oldest(1, 1)[0].Sequence);
        journal.WaitAsync(TestContext.Current.CancellationToken).IsCompleted.Should().BeFalse();
    }

    [Fact]
    public void Cursors_states_and_counters_outlive_the_segments_that_they_were_written_into()
    {
        using (var journal = directory.Open(isShipped: false))
        {
            journal.Append(new SourceCursor("kmsg", "boot-1 1"));
            journal.AppendState("rules", JsonSerializer.SerializeToElement("early"));
            Fill(journal, 6000);
            journal.Dropped().Sum(static drop => drop.Count).Should().Be(0, "nobody was to get them");
        }
        Directory.GetFiles(directory.DirectoryPath).Should().NotContain(static file => file.EndsWith("00000000000000000001.segment"));
        using var again = directory.Open();

        again.Cursor("kmsg").Should().Be("boot-1 1");
        again.State("rules")!.Value.GetString().Should().Be("early");
        JournalDirectory.Xids(again).Should().Be(6000);
    }

    [Fact]
    public void Events_that_are_deleted_unsent_are_counted()
    {
        using var journal = directory.Open();
        Fill(journal, 6000);

        var lost = journal.Dropped().Single(static drop => drop.Reason == EventJournal.RetentionBytes).Count;
        lost.Should().BePositive();
        (journal.Waiting + lost).Should().Be(6000);
        JournalDirectory.Waiting(journal).First().Should().Be(JournalDirectory.Id((int)lost + 1));
    }

    [Fact]
    public void An_event_too_large_for_a_request_loses_its_evidence_not_itself()
    {
        using var journal = new JournalDirectory { Options = new SegmentLogOptions { MaximumBytes = 64 << 20 } }.Open();
        journal.Append(directory.Xid(1) with { Evidence = new EventEvidence { RawLine = new string('x', 1 << 20), Sources = ["kmsg"] } });
        journal.Write();

        var written = EventJson.Read(journal.Oldest(1, 1).Should().ContainSingle().Which.Json.Span);
        written.Title.Should().Be("XID 79, number 1");
        written.Evidence.RawLine.Should().BeNull();
    }

    [Fact]
    public void In_memory_it_works_the_same_and_forgets_the_oldest()
    {
        using var journal = new EventJournal(calls => new MemoryLog(100_000, end => calls.Deleted(end, RetentionReason.Bytes)), JournalDirectory.Node, isShipped: true, directory.Time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<EventJournal>.Instance);
        Fill(journal, 1000);

        var lost = journal.Dropped().Sum(static drop => drop.Count);
        JournalDirectory.Waiting(journal).Should().HaveCount(1000 - (int)lost).And.EndWith(JournalDirectory.Id(1000));
        journal.Bytes.Should().BeLessThanOrEqualTo(100_000);
        JournalDirectory.Xids(journal).Should().Be(1000);
    }

    [Fact]
    public void Codes_beyond_the_limit_of_a_gpu_are_counted_together()
    {
        using var journal = directory.Open();
        for (var code = 1; code <= 100; code++) journal.Append(directory.Xid(code, code));

        JournalDirectory.Xids(journal, "64").Should().Be(1);
        JournalDirectory.Xids(journal, "65").Should().Be(0);
        JournalDirectory.Xids(journal, EventCounters.Other).Should().Be(36);
    }

    private void Fill(EventJournal journal, int events)
    {
        for (var number = 1; number <= events; number++)
        {
            journal.Append(directory.Xid(number));
            if (number % 100 == 0) journal.Write();
        }
        journal.Write();
    }

    private static IEnumerable<string> Ids(IEnumerable<WaitingEvent> batch) => batch.Select(static waiting => EventJson.Read(waiting.Json.Span).Id);
}
