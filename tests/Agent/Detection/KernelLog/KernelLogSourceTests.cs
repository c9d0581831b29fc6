using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.KernelLog;

public sealed class KernelLogSourceTests : IDisposable
{
    private const string Boot = "55df3694-a936-4489-8612-125c95174257";
    private readonly string folder = Directory.CreateTempSubdirectory("kernel-log-").FullName;
    private readonly ManualTimeProvider time = new();
    private readonly SightingQueue queue = new();

    public KernelLogSourceTests() => time.Advance(TimeSpan.FromSeconds(1000));

    private string LogPath => Path.Combine(folder, "kmsg");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_history_of_the_boot_is_read_at_first_each_record_with_its_time()
    {
        Write("6,7,900000000,-;NVRM: Xid (PCI:0000:01:00): 31, pid=1\n6,8,950000000,-;something else\n");

        var (sightings, cursor) = Read(null);

        sightings.Should().ContainSingle().Which.Time.Should().Be(time.GetUtcNow() - TimeSpan.FromSeconds(100));
        cursor.Should().Be($"{Boot}:8");
    }

    [Fact]
    public void Within_a_boot_nothing_is_read_twice_or_missed()
    {
        Write(Xid(1), Xid(2));
        var (_, cursor) = Read(null);
        Write(Xid(3));

        Read(cursor).Sightings.Select(static sighting => sighting.Code).Should().Equal(3);
    }

    [Fact]
    public void The_cursor_of_another_boot_counts_for_nothing()
    {
        Write(Xid(1), Xid(2));

        Read("11111111-a936-4489-8612-125c95174257:500").Sightings.Should().HaveCount(2);
    }

    [Fact]
    public void Records_that_were_overwritten_are_told_with_their_count()
    {
        Write(Xid(10));
        var source = Source();

        var (sightings, _) = Read($"{Boot}:3", source);

        sightings.Select(static sighting => sighting.Kind).Should().Equal(EventKinds.Gap, EventKinds.Xid);
        sightings[0].Details!["records"].Should().Be("6");
        source.Lost.Should().Be(6);
        source.Records.Should().Be(1);
    }

    [Fact]
    public void A_log_that_begins_late_has_no_gap_before_its_first_record()
    {
        Write(Xid(10));

        Read(null).Sightings.Should().ContainSingle().Which.Kind.Should().Be(EventKinds.Xid);
    }

    [Fact]
    public void What_is_no_record_is_counted_and_passed_over()
    {
        Write("rubbish\n", Xid(1), "6,2\n", Xid(3));
        var source = Source();

        Read(null, source).Sightings.Where(static sighting => sighting.Kind == EventKinds.Xid).Should().HaveCount(2);

        source.Lost.Should().Be(3, "two are no records, and the number between 1 and 3 is missing");
    }

    [Fact]
    public void A_record_that_is_too_long_is_counted_once_and_by_its_name()
    {
        Write(Xid(1), TooLong(2), Xid(3));
        var source = Source();

        var (sightings, _) = Read(null, source);

        sightings.Select(static sighting => sighting.Kind).Should().Equal(EventKinds.Xid, EventKinds.Gap, EventKinds.Xid);
        sightings[1].Title.Should().Be("1 kernel log records were too long to be read");
        sightings[1].Details!["records"].Should().Be("1");
        source.Lost.Should().Be(1);
    }

    [Fact]
    public void Of_a_gap_each_record_is_counted_as_what_it_was()
    {
        Write(Xid(1), TooLong(5), TooLong(6), Xid(7));
        var source = Source();

        var (sightings, _) = Read(null, source);

        sightings[1].Title.Should().Be("3 kernel log records were overwritten before they could be read; 2 kernel log records were too long to be read");
        source.Lost.Should().Be(5);
    }

    [Fact]
    public void A_record_that_is_too_long_counts_no_second_time_when_the_log_is_opened_again()
    {
        Write(TooLong(1), Xid(2), TooLong(3), Xid(4));
        var first = Source();
        var (_, cursor) = Read(null, first);
        first.Lost.Should().Be(2, "before the first record no gap can be told");

        var second = Source();
        Read(cursor, second).Sightings.Should().BeEmpty();
        Write(Xid(5));
        Read(cursor, second).Sightings.Select(static sighting => sighting.Kind).Should().Equal(EventKinds.Xid);
        second.Lost.Should().Be(0);
    }

    [Fact]
    public void A_record_that_was_waited_for_happened_now()
    {
        Write("6,1,123,-;NVRM: Xid (PCI:0000:01:00): 31, pid=1\n");
        var source = Source();
        source.Begin(queue, null);
        using var log = KernelLogDevice.Open(LogPath);

        source.Drain(log, waited: true).Should().BeTrue();

        Items().OfType<Sighting>().Single().Time.Should().Be(time.GetUtcNow());
    }

    [Fact]
    public void Lines_that_say_nothing_move_the_cursor_only_every_so_often()
    {
        var source = Source();
        source.Begin(queue, null);
        Write("6,1,1,-;quiet\n");
        using var log = KernelLogDevice.Open(LogPath);
        source.Drain(log, waited: false);
        Items().Should().ContainSingle();

        Write("6,2,2,-;quiet\n");
        source.Drain(log, waited: true);
        Items().Should().BeEmpty();
        time.Advance(TimeSpan.FromSeconds(10));
        source.Drain(log, waited: true);

        Items().Should().ContainSingle().Which.Should().Be(new SourceCursor("kmsg", $"{Boot}:2"));
    }

    [Fact]
    public void The_sightings_of_a_record_come_before_the_cursor_that_covers_them()
    {
        Write(Xid(1));
        var source = Source();
        source.Begin(queue, null);
        using var log = KernelLogDevice.Open(LogPath);
        source.Drain(log, waited: false);

        Items().Select(static item => item.GetType()).Should().Equal(typeof(Sighting), typeof(SourceCursor));
    }

    [Fact]
    public void A_missing_log_is_told_and_the_thread_ends_when_asked()
    {
        var source = Source();
        source.Start(queue, null);

        Eventually.Holds("the trouble is told", () => source.Trouble.Length > 0);
        source.Trouble.Should().Contain("No such file or directory");
        source.IsDenied.Should().BeFalse();
        source.Stop();
    }

    [Fact]
    public void The_thread_follows_the_log()
    {
        Write(Xid(1));
        var source = new KernelLogSource(LogPath, Boot, LineContext.None, TimeProvider.System, NullLogger<KernelLogSource>.Instance);
        source.Start(queue, null);
        var codes = new List<int?>();
        Eventually.Holds("what the log holds is read", () => Collect(codes).Count == 1);

        Write(Xid(2));

        Eventually.Holds("the new line is read", () => Collect(codes).Count == 2);
        source.Stop();
        codes.Should().Equal(1, 2);
    }

    private List<int?> Collect(List<int?> codes)
    {
        codes.AddRange(Items().OfType<Sighting>().Select(static sighting => sighting.Code));
        return codes;
    }

    private static string Xid(int number) => $"6,{number},{number}000000,-;NVRM: Xid (PCI:0000:01:00): {number}, pid=1\n";

    private static string TooLong(int number) => $"6,{number},{number}000000,-;{new string('a', 20_000)}\n";

    private void Write(params string[] records) => File.AppendAllText(LogPath, string.Concat(records));

    private KernelLogSource Source() => new(LogPath, Boot, LineContext.None, time, NullLogger<KernelLogSource>.Instance);

    private (List<Sighting> Sightings, string? Cursor) Read(string? cursor, KernelLogSource? source = null)
    {
        source ??= Source();
        source.Begin(queue, cursor);
        using var log = KernelLogDevice.Open(LogPath);
        source.Open();
        source.Drain(log, waited: false).Should().BeTrue();
        var items = Items();
        return ([.. items.OfType<Sighting>()], items.OfType<SourceCursor>().LastOrDefault()?.Value);
    }

    private List<object> Items()
    {
        var items = new List<object>();
        while (queue.TryTake(out var item)) items.Add(item);
        return items;
    }
}
