using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>The verdict of a demo on the collector's events.</summary>
public sealed class EventVerdictTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private static readonly DemoNode Node = new(2, "demo-node-2", "/driver", "127.0.0.1:9462");
    private static readonly DemoIncident Lost = DemoIncident.Programme.Single(incident => incident.Name == "xid_79");
    private static readonly EventRecord Xid = Event("one", gpu: 3, second: 1);

    [Fact]
    public void An_incident_that_became_one_event_is_right() => Wrong([Xid, Event("start", null, 0) with { Kind = EventKinds.Agent, Severity = EventSeverity.Info }], Xid).Should().BeEmpty();

    [Fact]
    public void An_incident_without_its_event_is_named() =>
        Wrong([], null).Should().Equal("incident xid_79 on demo-node-2, GPU 3: no event xid 79 at the collector within 10 s");

    [Fact]
    public void An_event_that_is_there_twice_is_named() => Wrong([Xid, Xid], Xid).Should().ContainSingle().Which.Should().EndWith("is there 2 times");

    [Fact]
    public void One_happening_under_two_ids_is_named() =>
        Wrong([Xid, Event("two", gpu: 3, second: 3)], Xid).Should().ContainSingle().Which.Should().StartWith("one happening became two events: demo-node-2 GPU 3");

    [Fact]
    public void The_same_again_later_is_another_event() => Wrong([Xid, Event("two", gpu: 3, second: 120)], Xid).Should().BeEmpty();

    [Theory]
    [InlineData("demo-node-2", 4, 2)]
    [InlineData("demo-node-1", 3, 2)]
    [InlineData("demo-node-2", 3, -5)]
    [InlineData("demo-node-1", null, 2)]
    public void An_alarm_where_nothing_was_injected_is_named(string node, int? gpu, int second) =>
        Wrong([Xid, Event("alarm", gpu, second) with { Node = node, Code = 48 }], Xid).Should().ContainSingle().Which.Should().StartWith("nothing was injected there");

    [Fact]
    public void An_alarm_of_the_node_itself_is_explained_by_its_gpu() => Wrong([Xid, Event("node", null, 5) with { Kind = EventKinds.Service }], Xid).Should().BeEmpty();

    [Theory]
    [InlineData(3, EventPhase.Instant, 1, true)]
    [InlineData(2, EventPhase.Instant, 1, false)]
    [InlineData(3, EventPhase.Ended, 1, false)]
    [InlineData(3, EventPhase.Instant, -1, false)]
    public void An_event_fits_its_incident_on_its_gpu_from_its_start_on(int gpu, EventPhase phase, int second, bool fits) =>
        Lost.Fits(Event("one", gpu, second) with { Phase = phase }, Node, 3, Start).Should().Be(fits);

    private static IReadOnlyList<string> Wrong(IReadOnlyList<EventRecord> events, EventRecord? found) =>
        EventVerdict.Wrong(events, [new PlayedIncident(Lost, Node, 3, Start, found)], [(Node.Name, 3, Start)]);

    private static EventRecord Event(string id, int? gpu, int second) => new()
    {
        Id = EventId.Of(id),
        Time = Start.AddSeconds(second),
        Node = Node.Name,
        Gpu = gpu is null ? null : new GpuReference(gpu),
        Kind = EventKinds.Xid,
        Code = 79,
        Severity = EventSeverity.Critical,
        Title = "XID 79",
    };
}
