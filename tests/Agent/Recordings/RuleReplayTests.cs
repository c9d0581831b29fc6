using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Recordings;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;
using Xunit;

namespace Monitoring.Tests.Agent.Recordings;

public sealed class RuleReplayTests
{
    private const string Hot = """
        rules:
          too_hot:
            when:
              threshold: { metric: 'gpu_temperature_celsius{sensor="gpu"}', is: "> 80" }
            for: 10s
            clear_for: 5s
            actions: [event, capture]
            limits: { events: 2, captures: 1, window: 1h, cooldown: 1m }
          any_xid:
            when:
              event: { kind: xid, codes: [79], within: 30s }
          port_down:
            when:
              threshold: { metric: gpu_infiniband_port_up, is: "== 0" }
            per: [device, port]
            shadow: true
          never:
            when:
              threshold: { metric: gpu_power_watts, is: "> 10000" }
        """;

    [Fact]
    public void The_timeline_and_the_counts_are_what_people_read_them_as() => GoldenFile.Check("Agent/replay.txt", ReplayReport.Text(Replay(Rules(Hot))));

    [Fact]
    public void Two_rule_sets_are_compared_by_what_they_do() =>
        GoldenFile.Check("Agent/replay-against.txt", ReplayReport.Difference(Replay(Rules(Hot), Rules(Hot.Replace("for: 10s", "for: 30s", StringComparison.Ordinal)))));

    [Fact]
    public void The_same_is_there_as_json() => GoldenFile.Check("Agent/replay.json", ReplayJson.Text(Replay(Rules(Hot))));

    [Fact]
    public void A_rule_set_does_not_differ_from_itself() => ReplayReport.Difference(Replay(Rules(Hot), Rules(Hot))).Should().EndWith("no difference: 14 changes with both\n");

    [Fact]
    public void Two_replays_are_the_same() => ReplayJson.Text(Replay(Rules(Hot))).Should().Be(ReplayJson.Text(Replay(Rules(Hot))));

    [Fact]
    public void Only_the_part_that_was_asked_for_is_replayed()
    {
        var start = RecordedStart.ToUnixTimeMilliseconds() * 1000;
        var outcome = RuleReplay.Run(Recorded(), [Rules(Hot)], new ReplayRange(start + 100_000_000, start + 199_000_000));
        outcome.FirstUnixMicroseconds.Should().Be(start + 100_000_000);
        outcome.LastUnixMicroseconds.Should().Be(start + 199_000_000);
        outcome.Timelines[0].Entries.Where(static entry => entry.Rule.Name == "too_hot").Select(static entry => entry.Time[11..19])
            .Should().Equal(["00:01:50", "00:02:05", "00:02:40", "00:02:55"], "what held before the first frame is not known, so holding is counted from there");
        outcome.Events.Should().Be(0, "the only one was before");
    }

    [Theory]
    [InlineData(50, 80, 90, 90, 0)]
    [InlineData(50, 89, 90, 90, 0)]
    [InlineData(50, 90, 90, 90, 1)]
    [InlineData(90, 120, 90, 90, 1)]
    [InlineData(100, 199, 90, 150, 0)]
    [InlineData(null, null, 90, 150, 1)]
    public void An_event_counts_where_its_time_is_in_the_part_that_was_asked_for(int? from, int? to, int happens, int told, int events)
    {
        var start = RecordedStart.ToUnixTimeMilliseconds() * 1000;
        // Two minutes, so that one that is told late still counts.
        var rules = Rules(Hot.Replace("within: 30s", "within: 2m", StringComparison.Ordinal));
        var outcome = RuleReplay.Run(Recorded(happens, told), [rules], new ReplayRange(start + from * 1_000_000L, start + to * 1_000_000L));

        outcome.Events.Should().Be(events);
        outcome.Timelines[0].Entries.Any(static entry => entry.Rule.Name == "any_xid").Should().Be(events > 0);
    }

    [Fact]
    public void A_recording_without_its_end_says_so()
    {
        var whole = Recorded().ToArray();
        var outcome = RuleReplay.Run(new MemoryStream(whole[..^20]), [Rules(Hot)]);
        ReplayReport.Text(outcome).Should().Contain("The recording is not whole: its end is missing");
    }

    private static DateTimeOffset RecordedStart => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static ReplayOutcome Replay(params IReadOnlyList<RuleDefinition>[] sets) => RuleReplay.Run(Recorded(), sets);

    private static IReadOnlyList<RuleDefinition> Rules(string yaml)
    {
        var load = RuleFiles.Load([new RuleText("rules.yaml", yaml)]);
        load.Mistakes.Should().BeEmpty();
        return load.Rules;
    }

    /// <summary>Four minutes of one GPU that is hot for 20 of every 50 seconds, a port that is down for a while, and an XID.</summary>
    /// <param name="happens">Second of the XID.</param>
    /// <param name="told">Second in which it is written down.</param>
    private static MemoryStream Recorded(int happens = 90, int told = 90)
    {
        var file = new MemoryStream();
        var writer = new RecordingWriter(file, new RecordingHeader("node-1", "test", "boot-1", "0.1.0", RecordedStart, 1000));
        var gpu = writer.Add(new RecordedLayout(new RecordedGpu(3, "GPU-3"), [new("gpu_temperature_celsius", [new("sensor", "gpu")], 0), new("gpu_power_watts", [], 0)]));
        var node = writer.Add(new RecordedLayout(null, [new("gpu_infiniband_port_up", [new("device", "mlx5_0"), new("port", "1")], 0)]));
        for (var second = 0; second < 240; second++)
        {
            var stamp = new RecordedStamp(second, RecordedStart.ToUnixTimeMilliseconds() * 1000 + second * 1_000_000L, second * 1000, 7);
            writer.Add(gpu, stamp, [second % 50 < 20 ? 85 : 60, 300]);
            writer.Add(node, stamp, [second is >= 60 and < 70 ? 0 : 1]);
            if (second == told)
                writer.Add(new EventRecord
                {
                    Id = EventId.Of("1"), Time = RecordedStart.AddSeconds(happens), Node = "node-1", Kind = EventKinds.Xid, Code = 79, Title = "XID 79", Gpu = new GpuReference(3, "GPU-3"), Severity = EventSeverity.Critical,
                });
        }
        writer.End();
        file.Position = 0;
        return file;
    }
}
