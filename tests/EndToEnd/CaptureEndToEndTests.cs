using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Simulator;
using Monitoring.Simulator.State;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>An incident of the simulator, through a rule, to a bundle on disk.</summary>
public sealed class CaptureEndToEndTests
{
    [Fact]
    public async Task A_rule_that_fires_takes_a_capture_with_the_counters_of_the_moment()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Write("""
            rules:
              fault: { when: { event: { kind: xid, codes: [79], within: 15m } }, actions: [event, capture], capture: { duration: 1s } }
            """, "rules", "10.yaml");
        await using var agent = new RunningAgent();
        var node = agent.CreateNode(2);
        await agent.StartAsync($$"""
            state_directory: {{folder.Combine("state")}}
            detection: { rules_directory: {{folder.Combine("rules")}}, shipped_rules: false }
            capture: { counters_after: 1s, free_space_floor_bytes: 0 }
            """);
        await agent.UntilAsync("both GPUs are read", static page => page.Count(static sample => sample.Name == "gpu_power_watts") == 2);

        // What the driver tells before it is listened to, nobody hears; what it tells again within 5 s of what was heard is the same happening.
        var raised = TimeProvider.System.GetTimestamp() - TimeProvider.System.TimestampFrequency;
        await agent.UntilAsync("the driver's event is heard", page =>
        {
            if (page.Any(static sample => sample is { Name: "gpu_xid_events_total", Value: > 0 })) return true;
            if (TimeProvider.System.GetElapsedTime(raised) < TimeSpan.FromSeconds(1)) return false;
            raised = TimeProvider.System.GetTimestamp();
            node.Raise(new EventState { Kind = 1, Type = (ulong)GpuEventType.Xid, Data = 79, Gpu = 1, GpuInstanceId = uint.MaxValue, ComputeInstanceId = uint.MaxValue });
            return false;
        });

        await agent.UntilAsync("the capture is done", static page => page.Any(static sample => sample.Name == "gpu_captures_total" && sample.Value == 1 && sample.Labels["trigger"] == "rule" && sample.Labels["result"] == "done"));
        var captures = await agent.GetAsync("/api/v1/captures");
        var finished = captures.GetProperty("finished")[0];
        finished.GetProperty("trigger").GetProperty("name").GetString().Should().Be("fault");
        var directory = folder.Combine("state", "captures", finished.GetProperty("id").GetString()!);
        var manifest = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(Path.Combine(directory, CaptureManifest.FileName), cancellation), CaptureJson.Default.CaptureManifest)!;
        manifest.Gpus.Single().Index.Should().Be(1);
        manifest.Result.Should().Be(CaptureStage.Done);
        var lines = await File.ReadAllLinesAsync(Path.Combine(directory, "counters-gpu1.csv"), cancellation);
        var power = Array.IndexOf(lines[0].Split(','), "gpu_power_watts");
        lines[1..].Select(static line => line.Split(',')[1]).Distinct().Should().Equal("before", "during", "after");
        lines[1..].Where(static line => line.Contains(",during,", StringComparison.Ordinal)).Should().OnlyContain(line => double.Parse(line.Split(',', StringSplitOptions.None)[power], CultureInfo.InvariantCulture) > 10);
        lines[0].Should().Contain("gpu_sm_active_ratio").And.Contain("gpu_tensor_active_ratio");
        var events = await agent.GetAsync("/api/v1/events?limit=1000");
        events.GetProperty("events").EnumerateArray().Where(static record => record.GetProperty("kind").GetString() == "capture").Select(static record => record.GetProperty("evidence").GetProperty("details").GetProperty("stage").GetString())
            .Should().Equal("queued", "armed", "recording", "exporting", "done");
        events.GetProperty("events").EnumerateArray().Single(static record => record.GetProperty("kind").GetString() == "anomaly").GetProperty("capture").GetString().Should().Be($"accepted: {finished.GetProperty("id").GetString()}");
    }
}
