using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

public sealed class ProbeSourceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly ManualTimeProvider time = new();
    private readonly SightingQueue queue = new();
    private readonly NodeReadings readings = new();

    [Fact]
    public void What_changed_is_put_before_the_cursor_and_only_then_is_there_a_cursor()
    {
        var source = Source(new Scripted(time, (probe, memory) =>
        {
            memory["seen"] = "yes";
            probe.Tell("something");
        }));
        source.Look(queue).Should().BeTrue();
        Taken().Should().SatisfyRespectively(
            static first => first.Should().BeOfType<SourceCursor>().Which.IsAhead.Should().BeTrue(),
            static second => second.Should().BeOfType<Sighting>().Which.Title.Should().Be("something"),
            static third => third.Should().Be(new SourceCursor("scripted", """{"seen":"yes"}""")));
    }

    [Fact]
    public void A_sudden_end_at_any_moment_makes_each_incident_begin_and_end_once()
    {
        // What reached the disk of one look: the cursor before, the sightings, the cursor after.
        for (var kept = 0; kept <= 3; kept++)
        {
            var holds = true;
            List<Sighting> told = [];
            var first = Source(Following(() => holds));
            first.Look(queue);
            var items = Taken();
            items.Should().HaveCount(3);
            told.AddRange(items.Take(kept).OfType<Sighting>());
            var cursor = items.Take(kept).OfType<SourceCursor>().LastOrDefault()?.Value;
            time.Advance(Interval);

            // It is over before the agent is there again; or it lasts, and ends later.
            foreach (var isOver in new[] { true, false })
            {
                holds = !isOver;
                List<Sighting> again = [.. told];
                var next = Source(Following(() => holds));
                next.Start(queue, cursor);
                next.Stop();
                again.AddRange(Taken().OfType<Sighting>());
                holds = false;
                next.Look(queue);
                again.AddRange(Taken().OfType<Sighting>());

                var keys = again.Select(static sighting => sighting.Key).Distinct().ToList();
                var hasBegun = kept > 0 || !isOver;
                keys.Should().HaveCount(hasBegun ? 2 : 0, $"{kept} of its parts were kept, over: {isOver}");
                again.Where(static sighting => sighting.Phase == EventPhase.Ended).All(sighting => again.Exists(begun => begun.Key == sighting.Incident)).Should().BeTrue();
            }
        }
    }

    [Fact]
    public void What_was_seen_before_a_look_failed_is_told()
    {
        var source = Source(new Scripted(time, static (probe, memory) =>
        {
            memory["seen"] = "yes";
            probe.Tell("something");
            throw new IOException("the next file hangs");
        }));
        source.Look(queue);
        Taken().OfType<Sighting>().Should().ContainSingle().Which.Title.Should().Be("something");
    }

    private Scripted Following(Func<bool> holds) => new(time, (probe, memory) => probe.FollowOne(memory, holds()));

    [Fact]
    public void A_look_that_fails_is_counted_and_said_and_the_next_one_goes_on()
    {
        var fails = true;
        var source = Source(new Scripted(time, (_, _) =>
        {
            if (fails) throw new IOException("the device is gone");
        }));
        source.Look(queue).Should().BeTrue();
        (source.Failures, source.Trouble).Should().Be((1, "the device is gone"));
        readings.Read(MetricTable.ServiceActive).Should().BeEmpty();
        fails = false;
        source.Look(queue);
        (source.Failures, source.Trouble).Should().Be((1, ""));
        readings.Read(MetricTable.ServiceActive).Should().ContainSingle();
    }

    [Fact]
    public void A_look_that_hangs_is_shown_and_its_readings_disappear()
    {
        using var hangs = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        var looks = 0;
        var source = Source(new Scripted(time, (_, _) =>
        {
            if (++looks == 1) return;
            inside.Set();
            hangs.Wait();
        }));
        source.Look(queue);
        readings.Read(MetricTable.ServiceActive).Should().ContainSingle();
        var looking = new Thread(() => source.Look(queue)) { IsBackground = true };
        looking.Start();
        inside.Wait(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(41));

        source.Stuck.Should().Be(TimeSpan.FromSeconds(41));
        source.Trouble.Should().StartWith("a look has lasted for 41 s");
        readings.Read(MetricTable.ServiceActive).Should().BeEmpty();
        hangs.Set();
        looking.Join();
        source.Stuck.Should().Be(TimeSpan.Zero);
        readings.Read(MetricTable.ServiceActive).Should().ContainSingle();
    }

    [Fact]
    public void It_starts_from_its_cursor_and_ends_when_asked()
    {
        string? restored = null;
        using var looked = new ManualResetEventSlim();
        var source = Source(new Scripted(time, (_, memory) =>
        {
            restored = memory["seen"];
            looked.Set();
        }));
        source.Start(queue, """{"seen":"before"}""");
        looked.Wait(TestContext.Current.CancellationToken);
        source.Stop();
        restored.Should().Be("before");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[1,2]")]
    public void A_cursor_that_cannot_be_read_is_none(string cursor)
    {
        var memory = new ProbeMemory();
        memory.Restore(cursor);
        memory.Names("").Should().BeEmpty();
    }

    [Fact]
    public void A_probe_remembers_only_so_much()
    {
        var memory = new ProbeMemory();
        for (var i = 0; i < 5000; i++) memory[$"fact {i}"] = "x";
        memory.Names("fact ").Should().HaveCount(1024);
    }

    [Fact]
    public void Every_probe_registers_itself_and_answers_for_its_metrics()
    {
        NodeProbes.Names.Should().Equal("driver_version", "infiniband", "modes", "pci", "services");
        var settings = new SamplingSettings();
        var devices = new DeviceSettings();
        var node = new NodeSampler("c", "n", devices, settings, time, NullLogger<NodeSampler>.Instance);
        var sources = NodeProbes.Create(new ProbeSurroundings(devices, node, time, BootId: ""), settings, readings, NullLogger<ProbeSource>.Instance);
        sources.Select(static source => source.Name).Should().Equal(NodeProbes.Names);
        foreach (var metric in new[] { MetricTable.ServiceActive, MetricTable.DriverVersionMismatch, MetricTable.InfinibandPortUp, MetricTable.InfinibandSymbolErrors, MetricTable.ProbeStuck })
            readings.Has(metric).Should().BeTrue(metric.Name);
        readings.Read(MetricTable.ProbeFailures).Should().HaveCount(5);
    }

    private ProbeSource Source(NodeProbe probe)
    {
        var source = new ProbeSource(probe, Interval, time, NullLogger<ProbeSource>.Instance);
        source.Register(readings);
        return source;
    }

    private List<object> Taken()
    {
        List<object> taken = [];
        while (queue.TryTake(out var item)) taken.Add(item);
        return taken;
    }

    private sealed class Scripted(TimeProvider time, Action<Scripted, ProbeMemory> observe) : NodeProbe("scripted", time)
    {
        internal override IEnumerable<(NodeMetric Metric, Func<IEnumerable<NodeReading>> Read)> Readings => [(MetricTable.ServiceActive, static () => [new NodeReading(1, "x")])];

        internal void FollowOne(ProbeMemory memory, bool holds) => Follow(memory, "it", holds, () => Make(EventKinds.Service, EventSeverity.Warning, "", "it is so") with
        {
            Values = [new EventValue("it", 1, 0)],
            Details = new Dictionary<string, string> { ["device"] = "x \"y\"" },
        }, "it is over");

        internal void Tell(string title) => Say(Make(EventKinds.Service, EventSeverity.Info, "", title));

        protected override void Observe(ProbeMemory memory) => observe(this, memory);
    }
}
