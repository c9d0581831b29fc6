using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Journal;
using Monitoring.Contracts.Events;
using Monitoring.Segments;
using Monitoring.Tests.Segments;
using Xunit;

namespace Monitoring.Tests.Agent.Journal;

public sealed class FullDiskTests : IDisposable
{
    private static readonly IOException NoSpace = new("No space left on device") { HResult = 28 };
    private readonly JournalDirectory directory = new();
    private FaultyLog? log;

    public void Dispose() => directory.Dispose();

    [Fact]
    public void On_a_full_disk_the_newest_critical_events_wait_and_the_loss_is_counted_and_told()
    {
        using var journal = Open();
        log!.AppendFault = NoSpace;
        for (var number = 1; number <= 5000; number++)
        {
            journal.Append(directory.Xid(number, severity: number % 5 == 0 ? EventSeverity.Critical : EventSeverity.Info)).Should().BeTrue();
            journal.Append(new SourceCursor("kmsg", $"boot-1 {number}"));
            if (number % 500 == 0) journal.Write();
        }
        journal.Trouble.Should().Contain("No space left on device");
        log.Records.Should().BeEmpty();

        log.AppendFault = null;
        journal.Write();
        journal.Write();

        journal.Trouble.Should().BeEmpty();
        var written = journal.Oldest(10_000, long.MaxValue).Select(static waiting => EventJson.Read(waiting.Json.Span)).ToList();
        written.Where(static record => record.Severity == EventSeverity.Critical).Should().HaveCount(1000, "all critical events fit");
        var lost = journal.Dropped().Single(static drop => drop.Reason == EventJournal.DiskFull).Count;
        (written.Count - 1 + lost).Should().Be(5000);
        written[^1].Kind.Should().Be(EventKinds.Gap);
        written[^1].Title.Should().StartWith($"{lost} events were lost");

        using var again = log.Replayed(directory.Time);
        JournalDirectory.Xids(again).Should().Be(5000, "a lost event was counted all the same");
        again.Cursor("kmsg").Should().Be("boot-1 5000");
    }

    [Fact]
    public void A_fault_of_the_agent_at_one_event_costs_that_event_alone_and_is_counted()
    {
        using var journal = Open();
        for (var number = 1; number <= 5; number++) journal.Append(directory.Xid(number));
        log!.FaultAt = log.Records.Count + 4; // the journal begins with a snapshot of two records
        FluentActions.Invoking(journal.Write).Should().Throw<InvalidOperationException>();
        journal.Write();

        JournalDirectory.Waiting(journal).Should().Equal(new[] { 1, 2, 4, 5 }.Select(JournalDirectory.Id));
        journal.Dropped().Single(static drop => drop.Reason == EventJournal.Malformed).Count.Should().Be(1);
    }

    [Fact]
    public void A_disk_that_may_not_be_written_is_as_one_that_cannot()
    {
        using var journal = Open();
        journal.Append(directory.Xid(1));
        log!.AppendFault = new UnauthorizedAccessException("Access to the path is denied");
        journal.Write();
        journal.Trouble.Should().Contain("denied");

        log.AppendFault = null;
        journal.Write();
        JournalDirectory.Waiting(journal).Should().Equal(JournalDirectory.Id(1));
    }

    [Fact]
    public void An_event_that_cannot_be_written_down_takes_no_other_along()
    {
        using var journal = Open();
        journal.Append(directory.Xid(1));
        journal.Append(directory.Xid(2) with { Evidence = new EventEvidence { Values = [new EventValue("gpu_power_watts", double.NaN)] } });
        journal.Append(directory.Xid(3));
        journal.Write();

        JournalDirectory.Waiting(journal).Should().Equal(JournalDirectory.Id(1), JournalDirectory.Id(3));
        journal.Dropped().Should().Contain((EventJournal.Malformed, 1));
        journal.Trouble.Should().BeEmpty();
    }

    [Fact]
    public void After_a_failed_sync_everything_since_the_last_one_is_written_again_and_counted_once()
    {
        using var journal = Open();
        journal.Append(directory.Xid(1));
        journal.Write();
        log!.FlushFault = new IOException("Input/output error");
        journal.Append(directory.Xid(2));
        journal.Append(new SourceCursor("kmsg", "boot-1 2"));
        journal.Write();
        JournalDirectory.Waiting(journal).Should().Equal(JournalDirectory.Id(1));

        log.FlushFault = null;
        journal.Write();

        JournalDirectory.Waiting(journal).Should().StartWith([JournalDirectory.Id(1), JournalDirectory.Id(2)]);
        using var again = log.Replayed(directory.Time);
        JournalDirectory.Xids(again).Should().Be(2);
        again.Cursor("kmsg").Should().Be("boot-1 2");
        again.Recent(10).Should().HaveCount(2);
    }

    [Fact]
    public void A_fault_in_the_middle_of_a_round_costs_nothing()
    {
        using var journal = Open();
        for (var number = 1; number <= 10; number++) journal.Append(directory.Xid(number));
        log!.FlushFault = NoSpace;
        journal.Write();
        log.AppendFault = NoSpace;
        log.FlushFault = null;
        journal.Write();
        log.AppendFault = null;
        journal.Write();

        JournalDirectory.Waiting(journal).Should().Equal(Enumerable.Range(1, 10).Select(JournalDirectory.Id));
        using var again = log.Replayed(directory.Time);
        JournalDirectory.Xids(again).Should().Be(10);
    }

    [Fact]
    public void A_real_full_disk_is_survived()
    {
        using var disk = new SmallDisk("800k");
        var ballast = Path.Combine(disk.DirectoryPath, "ballast");
        var options = new SegmentLogOptions { MaximumBytes = 1 << 20, SegmentBytes = 64 << 10 };
        EventJournal Open() => new(calls => SegmentLog.Open(Path.Combine(disk.DirectoryPath, "journal"), options with { SegmentStarted = calls.SegmentStarted }, directory.Time),
            JournalDirectory.Node, isShipped: true, directory.Time, NullLogger<EventJournal>.Instance);
        File.WriteAllBytes(ballast, new byte[700_000]);
        using (var journal = Open())
        {
            for (var number = 1; number <= 1000; number++)
            {
                journal.Append(directory.Xid(number));
                if (number % 50 == 0) journal.Write();
            }
            journal.Trouble.Should().Contain("No space left");
            File.Delete(ballast);
            journal.Write();
            journal.Trouble.Should().BeEmpty();
        }
        using var again = Open();
        JournalDirectory.Waiting(again).Should().Equal(Enumerable.Range(1, again.Waiting).Select(JournalDirectory.Id));
        JournalDirectory.Xids(again).Should().Be(1000);
        again.Waiting.Should().Be(1000);
    }

    private EventJournal Open() => new(calls => log = new FaultyLog(calls), JournalDirectory.Node, isShipped: true, directory.Time, NullLogger<EventJournal>.Instance);
}
