using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

/// <summary>What sources saw, through the whole loop: in which order it is kept, and what a sudden end leaves.</summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class SightingIntakeTests
{
    private const string Never = "never: { when: { threshold: { metric: gpu_recovery_action, is: \"> 99\" } } }";
    private int keys;

    [Fact]
    public void A_cursor_is_kept_after_what_it_covers()
    {
        using var test = new LoopUnderTest(Never);
        test.Queue.Put(Kernel(test, 31));
        test.Queue.Put(new SourceCursor("kmsg", "1"));
        test.Loop.Step();

        test.Journal.Order.Should().Equal(test.Journal.Events.Single().Id, "kmsg 1");
        test.Journal.Events[0].Gpu!.Uuid.Should().Be(test.Driver.Node.Gpus[0].Uuid, "the line names the address alone");
    }

    [Fact]
    public void A_line_about_a_gpu_that_a_hanging_driver_does_not_tell_has_its_uuid_from_the_life_before()
    {
        using var test = new LoopUnderTest(Never);
        var uuid = test.Driver.Node.Gpus[0].Uuid;
        var line = Kernel(test, 79);
        test.Loop.Step();
        test.Journal.Events.Should().BeEmpty("no event says who is there");

        var gpus = new GpuDirectory();
        var next = new SightingIntake(test.Queue, new SightingMerger(new NodeIdentity("test", "node-1", "boot-1"), gpus), test.Journal,
            record => test.Journal.Append(record), static fault => throw fault, test.Time) { KnowsGpus = static () => false };
        next.Restore();
        test.Queue.Put(line);
        next.Take(test.Time.GetTimestamp());
        test.Journal.Events.Should().BeEmpty("the driver may answer yet");
        test.Time.Advance(SightingIntake.WaitForGpus);
        next.Take(test.Time.GetTimestamp());

        test.Journal.Events.Should().ContainSingle().Which.Gpu!.Uuid.Should().Be(uuid);
    }

    [Fact]
    public void What_the_driver_told_waits_for_the_kernels_line()
    {
        using var test = new LoopUnderTest(Never);
        test.Queue.Put(Driver(test, 31));
        test.Loop.Step();
        test.Time.Advance(TimeSpan.FromMilliseconds(100));
        test.Queue.Put(Kernel(test, 31));
        test.Loop.Step();
        test.Time.Advance(TimeSpan.FromMilliseconds(100));
        test.Loop.Step();

        test.Journal.Events.Should().ContainSingle().Which.Evidence.Sources.Should().Equal("kmsg");
    }

    [Fact]
    public void A_sudden_end_between_two_sources_makes_no_second_event()
    {
        using var test = new LoopUnderTest(Never);
        test.Queue.Put(Driver(test, 31));
        test.Loop.Step();
        test.Time.Advance(SightingIntake.HoldDriverEvents);
        test.Loop.Step();
        test.Restart();
        test.Queue.Put(Kernel(test, 31));
        test.Loop.Step();

        test.Journal.Events.Should().ContainSingle().Which.Evidence.Sources.Should().Equal("nvml");
    }

    [Fact]
    public void After_a_sudden_end_a_line_that_had_its_event_is_not_taken_for_the_next_one()
    {
        using var test = new LoopUnderTest(Never);
        test.Queue.Put(Driver(test, 31));
        test.Loop.Step();
        test.Time.Advance(SightingIntake.HoldDriverEvents);
        var line = Kernel(test, 31);
        test.Queue.Put(line);
        test.Loop.Step();
        test.Restart();
        test.Queue.Put(line);
        test.Loop.Step();
        test.Journal.Events.Should().ContainSingle("the cursor did not reach the disk, and the line was read again");

        test.Queue.Put(Kernel(test, 31));
        test.Loop.Step();

        test.Journal.Events.Should().HaveCount(2, "it happened while the agent was dead, so the driver told nobody");
    }

    [Fact]
    public void A_storm_does_not_hold_up_its_cursor_and_is_counted_once_over_a_sudden_end()
    {
        using var test = new LoopUnderTest(Never);
        for (var line = 1; line <= 30; line++) test.Queue.Put(Kernel(test, 31));
        test.Queue.Put(new SourceCursor("kmsg", "30"));
        test.Loop.Step();
        test.Journal.Events.Should().HaveCount(20);
        test.Journal.Order.Should().NotContain("kmsg 30", "the place stands with the ten that wait");

        test.Restart();
        test.Loop.Cursor("kmsg").Should().Be("30");
        for (var line = 31; line <= 35; line++) test.Queue.Put(Kernel(test, 31));
        test.Queue.Put(new SourceCursor("kmsg", "35"));
        Pass(test, seconds: 100);

        test.Journal.Events.Should().HaveCount(21);
        test.Journal.Events.Sum(SightingMerger.IncidentsOf).Should().Be(35);
        test.Queue.Put(new SourceCursor("kmsg", "36"));
        Pass(test, seconds: 2);
        test.Journal.Order.Should().EndWith("kmsg 36");
        test.Restart();
        test.Loop.Cursor("kmsg").Should().Be("36");
    }

    [Fact]
    public void Storms_that_overlap_for_ever_let_cursors_go_on()
    {
        using var test = new LoopUnderTest(Never);
        var incidents = 0;
        for (var second = 0; second < 300; second++)
        {
            // One of two storms is always on.
            for (var line = 0; line < 3; line++, incidents++) test.Queue.Put(Kernel(test, second / 40 % 2 == 0 ? 31 : 94));
            test.Queue.Put(new SourceCursor("kmsg", $"{incidents}"));
            Pass(test, seconds: 1);
            if (second % 37 == 36) test.Restart();
            int.Parse(test.Loop.Cursor("kmsg") ?? "0", System.Globalization.CultureInfo.InvariantCulture).Should().BeGreaterThanOrEqualTo(second % 37 == 36 ? incidents - 6 : 0);
        }
        Pass(test, seconds: 100);
        test.Journal.Events.Sum(SightingMerger.IncidentsOf).Should().Be(incidents);
    }

    [Fact]
    public void Lines_read_again_after_their_sum_are_not_counted_a_second_time()
    {
        using var test = new LoopUnderTest(Never);
        var lines = Enumerable.Range(0, 40).Select(_ => Kernel(test, 31)).ToList();
        foreach (var line in lines[..25]) test.Queue.Put(line);
        test.Queue.Put(new SourceCursor("kmsg", "25"));
        foreach (var line in lines[25..]) test.Queue.Put(line);
        Pass(test, seconds: 61);
        test.Journal.Events.Sum(SightingMerger.IncidentsOf).Should().Be(40, "the sum is on disk, and the agent dies before the next cursor");

        test.Restart();
        test.Loop.Cursor("kmsg").Should().Be("25");
        foreach (var line in lines[25..]) test.Queue.Put(line);
        Pass(test, seconds: 100);

        test.Journal.Events.Sum(SightingMerger.IncidentsOf).Should().Be(40);
    }

    [Fact]
    public void What_a_probe_is_about_to_tell_is_kept_before_it()
    {
        using var test = new LoopUnderTest(Never);
        test.Queue.Put(new SourceCursor("probe", "untold") { IsAhead = true });
        test.Queue.Put(Kernel(test, 31) with { Source = "probe" });
        test.Queue.Put(new SourceCursor("probe", "told"));
        test.Loop.Step();

        test.Journal.Order.Should().Equal("probe untold", test.Journal.Events.Single().Id, "probe told");
        test.Queue.Put(new SourceCursor("probe", "older"));
        test.Queue.Put(new SourceCursor("probe", "untold again") { IsAhead = true });
        test.Loop.Step();
        test.Journal.Order.Should().EndWith("probe untold again");
    }

    private static void Pass(LoopUnderTest test, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            test.Loop.Step();
        }
    }

    [Fact]
    public void Events_of_before_a_step_of_the_wall_clock_are_not_made_again_after_it()
    {
        using var test = new LoopUnderTest(Never);
        var line = Kernel(test, 31);
        test.Queue.Put(line);
        test.Loop.Step();
        test.Time.WallClockOffset = TimeSpan.FromHours(-1);
        test.Queue.Put(Kernel(test, 31));
        test.Loop.Step();
        test.Restart();
        test.Queue.Put(line with { Time = test.Time.GetUtcNow() });
        test.Loop.Step();

        test.Journal.Events.Should().HaveCount(2);
        test.Journal.Events.Select(static record => record.Id).Should().OnlyHaveUniqueItems();
    }

    private Sighting Kernel(LoopUnderTest test, int code) => new()
    {
        Source = "kmsg",
        Key = $"{++keys}",
        Time = test.Time.GetUtcNow(),
        Kind = EventKinds.Xid,
        Code = code,
        Gpu = new GpuReference(PciBusId: test.Sampler.Sets[0].Series.Gpu.Identity.PciBusId),
        Title = $"XID {code}",
    };

    private Sighting Driver(LoopUnderTest test, int code) =>
        Kernel(test, code) with { Source = "nvml", Gpu = new GpuReference(Uuid: test.Driver.Node.Gpus[0].Uuid) };
}
