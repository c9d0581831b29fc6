using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>The verdict of a demo on the captures that its events named.</summary>
public sealed class CaptureWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 29, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_capture_that_is_done_is_right() => Missing("accepted: a", second: 20, ("a", "done")).Should().BeEmpty();

    [Fact]
    public void One_that_is_on_its_way_in_time_is_right() => Missing("accepted: a", second: 14).Should().BeEmpty();

    [Fact]
    public void One_that_does_not_come_is_named() =>
        Missing("accepted: a", second: 16).Should().Equal("capture a of demo-node-2 (hw_power_brake): not done at the collector 15 s after its event");

    [Fact]
    public void One_that_failed_is_named() => Missing("accepted: a", second: 1, ("a", "failed")).Should().Equal("capture a of demo-node-2 (hw_power_brake): failed");

    [Theory]
    [InlineData("refused: cooldown: one was taken 5 s ago")]
    [InlineData(null)]
    public void What_was_not_taken_is_not_missed(string? capture) => Missing(capture, second: 100).Should().BeEmpty();

    private static IReadOnlyList<string> Missing(string? capture, int second, params (string Id, string Stage)[] ended) => CaptureWatch.Missing(
        [new EventRecord { Id = EventId.Of("one"), Time = Start, Node = "demo-node-2", Kind = EventKinds.Anomaly, Rule = "hw_power_brake", Title = "brake", Capture = capture }],
        ended.ToDictionary(static one => one.Id, static one => one.Stage), Start.AddSeconds(second));
}
