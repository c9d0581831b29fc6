using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Counters;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Counters;

/// <summary>What becomes of the flight recorder's rows in a summary.</summary>
public sealed class WindowMeansTests
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch.AddSeconds(100);
    private static readonly DateTimeOffset To = From.AddSeconds(2);
    private static readonly CapturedGpu Victim = new(0, "GPU-0");
    private static readonly CapturedGpu Peer = new(1, "GPU-1");

    [Fact]
    public void Gauges_are_means_before_during_and_after()
    {
        var summary = Summary(Window(Victim, "gpu_power_watts", (98, 100), (99, 300), (100, 10), (102, 20), (103, 500)));

        summary.Counters.Should().Equal(new CounterMeans(0, "gpu_power_watts", 200, 15, 500));
        summary.Window.Should().Be(new SummaryWindow(2, From));
    }

    [Fact]
    public void Counters_are_rates_and_one_that_begins_anew_does_not_run_backwards()
    {
        var summary = Summary(Window(Victim, "gpu_pcie_replays_total", (97, 1000), (99, 1010), (101, 1030), (102, 5), (104, 9)));

        // Before: 10 in 2 s. During: 20 in 2 s, then anew and 5 in 1 s. After: 4 in 2 s.
        summary.Counters.Should().Equal(new CounterMeans(0, "rate(gpu_pcie_replays_total)", 5, 25.0 / 3, 2));
    }

    [Fact]
    public void A_label_that_ends_like_a_counter_makes_none() =>
        Summary(Window(Victim, "gpu_x{kind=\"a_total\"}", (101, 3))).Counters.Should().Equal(new CounterMeans(0, "gpu_x{kind=\"a_total\"}", null, 3, null));

    [Fact]
    public void The_others_of_the_node_are_peers_and_no_rows() =>
        Summary(Window(Victim, "gpu_power_watts", (101, 100)), Window(Peer, "gpu_power_watts", (101, 400))).Counters.Should().Equal(new CounterMeans(0, "gpu_power_watts", null, 100, null, Peers: 400));

    [Fact]
    public void What_was_never_read_and_what_is_an_instance_is_left_out() =>
        Summary(Window(Victim, "gpu_power_watts", (101, float.NaN)), Window(Victim, "gpu_memory_used_bytes", (101, 5)) with { Instance = "mig-1-0" }).Counters.Should().BeEmpty();

    private static ProfilerSummary Summary(params CounterWindow[] windows) => WindowMeans.Summarise(windows, new CaptureScope([Victim], [], CpuSampling: false), From, To);

    private static CounterWindow Window(CapturedGpu gpu, string series, params (int Second, float Value)[] rows) =>
        new(gpu, "", [series], [.. rows.Select(static row => new CounterRow(row.Second * 1_000_000L, [row.Value]))]);
}
