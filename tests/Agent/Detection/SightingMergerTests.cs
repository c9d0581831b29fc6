using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

public sealed class SightingMergerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly GpuReference Gpu3 = new(3, "GPU-3", "1653", "00000000:91:00.0");

    private readonly GpuDirectory gpus = new();
    private readonly SightingMerger merger;
    private int keys;

    public SightingMergerTests()
    {
        gpus.Add(Gpu3);
        merger = new SightingMerger(new NodeIdentity("c", "n", "boot-1"), gpus);
    }

    [Fact]
    public void One_incident_that_two_sources_see_is_one_event()
    {
        var events = Take(Kernel(31, 0), Nvml(31, 0.2));

        events.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Gpu = Gpu3, Code = 31, BootId = "boot-1", Node = "n", Cluster = "c" });
        events[0].Evidence.Sources.Should().Equal("kmsg");
        merger.Merged.Should().Be(1);
    }

    [Fact]
    public void Whoever_sees_it_first_makes_the_event() => Take(Nvml(31, 0), Kernel(31, 0.2)).Should().ContainSingle().Which.Evidence.Sources.Should().Equal("nvml");

    [Fact]
    public void Three_faults_of_a_second_that_two_sources_see_are_three_events()
    {
        Take(Kernel(31, 0), Kernel(31, 0.3), Kernel(31, 0.6), Nvml(31, 0.7), Nvml(31, 0.8), Nvml(31, 0.9)).Should().HaveCount(3);
        Take(Nvml(94, 10), Kernel(94, 10.1), Nvml(94, 10.2), Kernel(94, 10.3), Kernel(94, 10.4), Nvml(94, 10.5)).Should().HaveCount(3);
    }

    [Fact]
    public void What_another_source_sees_too_late_is_an_incident_of_its_own() => Take(Kernel(31, 0), Nvml(31, 5.1)).Should().HaveCount(2);

    [Fact]
    public void Other_codes_and_other_GPUs_are_other_incidents() =>
        Take(Kernel(31, 0), Nvml(13, 0), Nvml(31, 0, new GpuReference(4, "GPU-4"))).Should().HaveCount(3);

    [Fact]
    public void Lines_of_one_exception_are_one_event_with_the_first_line()
    {
        var events = Take(Kernel(13, 0, raw: "first"), Kernel(13, 0.1, raw: "second"), Kernel(13, 0.2), Nvml(13, 0.3), Nvml(13, 0.4), Kernel(13, 2));

        events.Should().HaveCount(2);
        events[0].Evidence.RawLine.Should().Be("first");
        merger.Merged.Should().Be(4);
    }

    [Fact]
    public void A_line_that_is_worse_than_the_first_of_its_incident_is_an_event_too()
    {
        var timeout = Kernel(0, 0) with { Kind = EventKinds.Gsp, Code = null, Gpu = null, Severity = EventSeverity.Warning };
        Sighting Heartbeat(double seconds) => Kernel(0, seconds) with { Kind = EventKinds.Gsp, Code = null, Gpu = null, Severity = EventSeverity.Critical };

        Take(timeout, timeout with { Key = "again" }, Heartbeat(3), Heartbeat(4), timeout with { Key = "once more" }).Select(static record => record.Severity)
            .Should().Equal(EventSeverity.Warning, EventSeverity.Critical);
    }

    [Fact]
    public void Words_beside_an_XID_make_no_event_of_their_own()
    {
        var offBus = Kernel(0, 0.1) with { Kind = EventKinds.GpuOffBus, Code = null };
        var systemProcessor = Kernel(0, 10.1) with { Kind = EventKinds.Gsp, Code = null, Gpu = null };

        Take(Kernel(79, 0), offBus, Kernel(119, 10), systemProcessor).Select(static record => record.Code).Should().Equal(79, 119);
        Take(offBus with { Time = Start.AddMinutes(5), Key = "later" }).Should().ContainSingle();
    }

    [Fact]
    public void The_device_and_the_journal_are_one_witness_with_equal_keys()
    {
        var line = Kernel(31, 0);

        Take(line, line with { Source = "journal" }).Should().ContainSingle();
        Take(line with { Key = "another" }).Should().ContainSingle("it is another line, not another witness");
    }

    [Fact]
    public void Ids_are_the_same_in_another_run_and_differ_between_boots()
    {
        var id = Take(Kernel(31, 0)).Single().Id;

        Take(new SightingMerger(new NodeIdentity("c", "n", "boot-1"), new GpuDirectory()), Kernel(31, 0) with { Key = "1" }).Single().Id.Should().Be(id);
        Take(new SightingMerger(new NodeIdentity("c", "n", "boot-2"), new GpuDirectory()), Kernel(31, 0) with { Key = "1" }).Single().Id.Should().NotBe(id);
    }

    [Fact]
    public void A_restart_between_two_sightings_makes_no_second_event()
    {
        var recent = Take(Kernel(79, 0));
        var next = new SightingMerger(new NodeIdentity("c", "n", "boot-1"), new GpuDirectory());
        next.Seed(recent);

        Take(next, Nvml(79, 1)).Should().BeEmpty();
        Take(next, Kernel(79, 0) with { Key = "1" }).Should().BeEmpty("the same line was read again");
        Take(next, Kernel(79, 20)).Should().ContainSingle().Which.Gpu.Should().Be(Gpu3, "the GPU of an earlier run is known from its events");
    }

    [Fact]
    public void A_GPU_that_is_gone_keeps_its_name()
    {
        gpus.Add([new GpuSubject(0, "GPU-0", "99", "00000000:17:00.0")]);

        Take(Kernel(79, 0)).Single().Gpu.Should().Be(Gpu3);
    }

    [Fact]
    public void A_GPU_that_was_never_seen_is_named_as_the_line_names_it() =>
        Take(Kernel(79, 0, new GpuReference(PciBusId: "0000:ff:00.0"))).Single().Gpu.Should().Be(new GpuReference(PciBusId: "0000:ff:00.0"));

    [Fact]
    public void A_storm_is_summed_up_with_its_count()
    {
        var events = Take([.. Enumerable.Range(0, 100).Select(number => Kernel(94, number * 0.1))]);
        events.Should().HaveCount(20);
        merger.Held.Should().Be(80);

        merger.Tick(Start.AddSeconds(61), events);
        merger.Tick(Start.AddSeconds(122), events);

        events.Should().HaveCount(21);
        events[20].Code.Should().Be(94);
        events.Sum(SightingMerger.IncidentsOf).Should().Be(100);
        events.Select(static record => record.Id).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_storm_that_is_not_over_is_summed_up_at_the_end()
    {
        var events = Take([.. Enumerable.Range(0, 100).Select(number => Kernel(94, number * 0.1))]);

        merger.Finish(Start.AddSeconds(11), events);
        merger.Finish(Start.AddSeconds(12), events);

        events.Should().HaveCount(21);
        events.Sum(SightingMerger.IncidentsOf).Should().Be(100);
    }

    [Fact]
    public void A_flood_of_different_storms_loses_no_incident()
    {
        List<EventRecord> events = [];
        for (var code = 1001; code <= 4000; code++) // none of those whose lines belong together
            for (var number = 0; number < 22; number++) merger.Take(Kernel(code, code * 0.001), events);
        merger.Finish(Start.AddMinutes(1), events);

        events.Sum(SightingMerger.IncidentsOf).Should().Be(3000 * 22);
        events.Select(static record => record.Id).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_storm_of_a_minute_leaves_the_next_minute_its_own_events()
    {
        var events = Take([.. Enumerable.Range(0, 130).Select(number => Kernel(94, number))]);
        merger.Tick(Start.AddMinutes(10), events);

        events.Sum(SightingMerger.IncidentsOf).Should().Be(130);
        events.Should().HaveCount(20 + 1 + 20 + 1 + 10);
    }

    [Fact]
    public void A_beginning_and_an_end_are_never_held_back_or_paired()
    {
        var sightings = Enumerable.Range(0, 60).Select(number => Kernel(0, number * 0.1) with { Source = "ports", Kind = EventKinds.Infiniband, Code = null, Phase = number % 2 == 0 ? EventPhase.Started : EventPhase.Ended });

        Take([.. sightings]).Should().HaveCount(60);
    }

    private List<EventRecord> Take(params Sighting[] sightings) => Take(merger, sightings);

    private static List<EventRecord> Take(SightingMerger merger, params Sighting[] sightings)
    {
        var events = new List<EventRecord>();
        foreach (var sighting in sightings) merger.Take(sighting, events);
        return events;
    }

    private Sighting Kernel(int code, double second, GpuReference? gpu = null, string? raw = null) => new()
    {
        Source = "kmsg",
        Key = $"{++keys}",
        Time = Start.AddSeconds(second),
        Kind = EventKinds.Xid,
        Code = code,
        Gpu = gpu ?? new GpuReference(PciBusId: "0000:91:00.0"),
        Title = $"XID {code}",
        RawLine = raw,
    };

    private Sighting Nvml(int code, double second, GpuReference? gpu = null) =>
        Kernel(code, second, gpu ?? new GpuReference(Uuid: "GPU-3")) with { Source = "nvml" };
}
