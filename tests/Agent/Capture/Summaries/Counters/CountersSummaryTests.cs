using FluentAssertions;
using Monitoring.Agent.Capture.Summaries.Counters;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Counters;

public sealed class CountersSummaryTests
{
    private static readonly SummaryWindow Window = new(5, DateTimeOffset.UnixEpoch.AddDays(20_000));

    [Fact]
    public void Captured_GPUs_have_rows_and_the_others_are_their_peers()
    {
        var summary = CountersSummary.Of(
            [Row(0, "gpu_power_watts", 600, 300, 590), Row(1, "gpu_power_watts", 610, 605, null), Row(2, "gpu_power_watts", 610, 595, null), Row(0, "gpu_fan", null, null, null), Row(0, "gpu_x", 1, double.NaN, 1), Row(null, "node_x", 1, 2, 3)],
            captured: [0], Window);

        summary.Profiler.Should().Be(ProfilerNames.Counters);
        summary.Window.Should().Be(Window);
        summary.Counters.Should().Equal(
            new CounterMeans(0, "gpu_power_watts", 600, 300, 590, 600), new CounterMeans(0, "gpu_x", 1, null, 1), new CounterMeans(null, "node_x", 1, 2, 3));
        summary.Triage.Should().ContainSingle().Which.Code.Should().Be(TriageCodes.Unremarkable);
    }

    [Fact]
    public void Without_a_metric_it_says_so() => CountersSummary.Of([], [0], Window).Triage.Should().ContainSingle().Which.Words.Should().Be("No metric of a GPU was measured.");

    [Fact]
    public void Throttling_is_named_by_its_cause()
    {
        Says(Row(0, Throttle("hw_power_brake"), 0, 0.4, 0)).Should().Equal("power_braked: GPU 0 was braked 40 % of the time by the server's power supply: its slot, supply or chassis cannot give what it needs.");
        Says(Row(0, Throttle("hw_power_brake"), 0, 0.4, 0), Row(0, Throttle("hw_slowdown"), 0, 0.4, 0)).Should().ContainSingle("the brake is the slowdown");
        Says(Row(0, Throttle("hw_slowdown"), 0, 0.4, 0)).Should().ContainSingle().Which.Should().StartWith("hardware_slowdown:");
        Says(Row(0, Throttle("sw_thermal"), 0, 0.4, 0), Row(0, "gpu_temperature_celsius{sensor=\"gpu\"}", 80, 88, 80)).Should().Equal("thermal_slowdown: GPU 0 was slowed by heat 40 % of the time, at 88.0 degrees Celsius on average.");
        Says(Row(0, Throttle("sw_thermal"), 0, 0.05, 0)).Should().ContainSingle().Which.Should().StartWith("unremarkable:");
        Says(Row(0, Throttle("sw_power_cap"), 0, 0.9, 0), Row(0, "gpu_power_limit_watts", 500, 500, 500)).Should().Equal("power_capped: GPU 0 was held down by its power limit 90 % of the time, which is 500 W.");
    }

    [Fact]
    public void A_collective_that_waits_is_busy_and_does_nothing()
    {
        CounterMeans[] stuck =
        [
            Row(3, "gpu_utilization_ratio", 1, 1, 1), Row(3, "gpu_power_watts", 650, 180, 180), Row(3, "gpu_power_limit_watts", 700, 700, 700), Row(3, "gpu_tensor_active_ratio", 0.4, 0, 0), Row(3, "gpu_dram_active_ratio", 0.5, 0.01, 0),
        ];
        Says(stuck).Should().Equal("stuck_collective: GPU 3 counts as 100 % busy while it draws 180 of 700 W and hardly touches its memory and tensor cores: a kernel spins, such as a collective whose peers do not come.");
        Says([.. stuck[..4], Row(3, "gpu_dram_active_ratio", 0.5, 0.5, 0)]).Should().ContainSingle().Which.Should().StartWith("unremarkable", "it reads memory");
        Says([.. stuck[..3], Row(3, "gpu_memory_utilization_ratio", 0.5, 0, 0)]).Should().ContainSingle().Which.Should().StartWith("stuck_collective", "older boards have the driver's value alone");
        Says(stuck[..3]).Should().ContainSingle().Which.Should().StartWith("unremarkable", "without a word on memory it may be anything");
    }

    [Fact]
    public void Idle_GPUs_are_held_or_have_stopped()
    {
        CounterMeans[] memory = [Row(0, "gpu_memory_used_bytes", 6e10, 6e10, 6e10), Row(0, "gpu_memory_total_bytes", 8e10, 8e10, 8e10)];
        Says([.. memory, Row(0, "gpu_utilization_ratio", 0, 0, 0)]).Should().Equal("idle_with_memory: GPU 0 did nothing (0 % busy) while programs held 60.0 GB of its 80.0 GB.");
        Says([.. memory, Row(0, "gpu_utilization_ratio", 0.95, 0, 0)]).Should().Equal("gpu_idle: GPU 0 was 95 % busy before and 0 % while it was recorded: the work stopped.");
        Says([Row(0, "gpu_memory_used_bytes", 1e9, 1e9, 1e9), memory[1], Row(0, "gpu_utilization_ratio", 0, 0, 0)]).Should().ContainSingle().Which.Should().StartWith("unremarkable");
    }

    [Fact]
    public void A_straggler_is_behind_its_peers_under_load()
    {
        const string Clock = "gpu_clock_hertz{domain=\"sm\"}";
        Says(Row(0, "gpu_utilization_ratio", 1, 1, 1), Row(0, Clock, 1.9e9, 1.2e9, 1.2e9), Row(1, Clock, 1.9e9, 1.9e9, 1.9e9)).Should().Equal("straggler: GPU 0 ran at 1,200 MHz under load, its neighbours at 1,900 MHz: the others wait for it.");
        Says(Row(0, "gpu_utilization_ratio", 0, 0.1, 0), Row(0, Clock, 1.9e9, 1.2e9, 1.2e9), Row(1, Clock, 1.9e9, 1.9e9, 1.9e9)).Should().ContainSingle().Which.Should().StartWith("unremarkable", "idle GPUs clock down");
    }

    private static string Throttle(string reason) => $"gpu_throttle_active{{reason=\"{reason}\"}}";

    private static CounterMeans Row(int? gpu, string metric, double? before, double? during, double? after) => new(gpu, metric, before, during, after);

    private static IEnumerable<string> Says(params CounterMeans[] rows) => CountersSummary.Of(rows, [0, 3], Window).Triage.Select(static finding => $"{finding.Code}: {finding.Words}");
}
