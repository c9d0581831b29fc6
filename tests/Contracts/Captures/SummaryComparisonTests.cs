using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Agent.Capture.Summaries.Kineto;
using Xunit;

namespace Monitoring.Tests.Contracts.Captures;

public sealed class SummaryComparisonTests
{
    private static readonly ProfilerSummary Control = new(ProfilerNames.NsysSession)
    {
        Window = new SummaryWindow(10),
        Gpus = [Gpu(0, 0.9, 0.003)],
        Kernels = Table(("gemm", 100, 8.8), ("ncclDevKernel_AllReduce", 100, 1.2)),
        Nccl = new NcclSummary(100, 1.2, 0.12, 0.5, 0.05, [new SummaryRow("all_reduce", 100, 1.2, 0.012, 0, 1, 1)]),
        Copies = new CopyTable(10, 1, 20_000_000_000, [new CopyRow("host_to_device", 10, 1, 20_000_000_000, 2e10, 1)]),
        ApiCalls = Table(("cudaStreamSynchronize", 10, 1)),
    };

    private static readonly ProfilerSummary Victim = Control with
    {
        Gpus = [Gpu(5, 0.5, 2.0)],
        Kernels = Table(("gemm", 100, 5.9), ("ncclDevKernel_AllReduce", 100, 4.1)),
        Nccl = new NcclSummary(100, 4.1, 0.41, 3, 0.30, [new SummaryRow("all_reduce", 100, 4.1, 0.041, 0, 1, 1)]),
        Copies = new CopyTable(10, 4, 20_000_000_000, [new CopyRow("host_to_device", 10, 4, 20_000_000_000, 5e9, 1)]),
        ApiCalls = null,
    };

    [Fact]
    public void A_victim_and_its_control_in_sentences() => SummaryComparison.Of(Control, Victim, SummaryComparison.InTheControl).Words.Should().Equal(
        "GPU 5 worked 50 % of the window, 90 % in the control.",
        "host_to_device copies took 40 % of the window, 10 % in the control.",
        "The rate of host_to_device was 5.00 GB a second, 20.0 GB a second in the control.",
        "all_reduce kernels took 41 % of the kernels' time, 12 % in the control.",
        "gemm took 59 % of the kernels' time, 88 % in the control.",
        "gemm took 59.0 ms each, 88.0 ms in the control.",
        "ncclDevKernel_AllReduce took 41.0 ms each, 12.0 ms in the control.",
        "Nothing but NCCL ran for 30 % of the window, 5.0 % in the control.",
        "Only one of the two recorded api_calls.");

    [Fact]
    public void What_is_alike_differs_in_nothing()
    {
        var comparison = SummaryComparison.Of(Control, Control);
        comparison.Differences.Should().BeEmpty();
        comparison.Words.Should().Equal("Nothing that both recorded differs by 5.0 % or more.");
    }

    [Fact]
    public void Differences_are_in_the_order_of_their_effect_and_turn_around_with_the_captures()
    {
        var there = SummaryComparison.Of(Control, Victim).Differences;
        var back = SummaryComparison.Of(Victim, Control).Differences;
        there.Should().BeInDescendingOrder(static difference => difference.Effect).And.OnlyContain(static difference => difference.Effect > 0 && difference.Effect <= 1);
        back.Select(static difference => (difference.Section, difference.Measure, difference.Before, difference.After)).Should().BeEquivalentTo(there.Select(static difference => (difference.Section, difference.Measure, difference.After, difference.Before)));
    }

    [Fact]
    public void A_kernel_that_is_gone_counts_and_one_that_was_not_kept_is_not_called_nothing()
    {
        var gone = SummaryComparison.Of(Control with { Nccl = null }, Control with { Nccl = null, Kernels = Table(("gemm", 100, 8.8)) });
        gone.Differences.Should().Contain(static difference => difference.Name == "ncclDevKernel_AllReduce" && difference.After == 0);

        var notKept = SummaryComparison.Of(Control with { Nccl = null }, Control with { Nccl = null, Kernels = Table(("gemm", 100, 8.8)) with { OtherCount = 100, OtherSeconds = 1.2 } });
        notKept.Differences.Should().NotContain(static difference => difference.Name == "ncclDevKernel_AllReduce", "it has at most as much as the last row");
    }

    [Fact]
    public void Metrics_counters_and_steps_are_compared()
    {
        var before = new ProfilerSummary(ProfilerNames.Counters)
        {
            Counters = [new CounterMeans(1, "gpu_power_watts", null, 600, null), new CounterMeans(1, "gpu_utilization_ratio", null, 0.9, null), new CounterMeans(1, "gpu_x", 1, null, 1), new CounterMeans(1, "gpu_energy_joules_total", 1, 2, 3), new CounterMeans(1, "gpu_errors_total{kind=\"x\"}", 1, 2, 3)],
            Metrics = [new GpuMetric(0, "SMs Active", "Throughput %", 9, 80, 0, 100, 90) { Gpu = 0 }, new GpuMetric(1, "SMs Active", "Throughput %", 9, 80, 0, 100, 90) { Gpu = 1 }],
            Steps = new StepSummary(5, 1, 1, 1, 1),
        };
        var after = before with
        {
            Counters = [new CounterMeans(4, "gpu_power_watts", null, 300, null), new CounterMeans(4, "gpu_utilization_ratio", null, 0.8, null), new CounterMeans(4, "gpu_x", 1, 5, 1), new CounterMeans(4, "gpu_energy_joules_total", 7, 8, 9), new CounterMeans(4, "gpu_errors_total{kind=\"x\"}", 7, 8, 9)],
            Metrics = [before.Metrics[0], before.Metrics[1] with { Mean = 20 }],
            Steps = new StepSummary(5, 2, 2, 2, 2),
        };
        SummaryComparison.Of(before, after).Words.Should().Equal(
            "SMs Active of GPU 1 was 20 %, 80 % before.",
            "A step (median) took 2.00 s each, 1.00 s before.",
            "gpu_power_watts of GPU 4 was 300, 600 before.",
            "gpu_utilization_ratio of GPU 4 was 80 %, 90 % before.");
    }

    [Fact]
    public void GPUs_are_the_same_by_the_nodes_number_and_by_the_profilers_only_where_that_is_all_there_is()
    {
        var before = Control with { Gpus = [Gpu(5, 0.9, 0), Gpu(6, 0.5, 0)] };
        // Another process, which counts the other way round.
        SummaryComparison.Of(before, Control with { Gpus = [Gpu(5, 0.5, 0) with { Gpu = 6 }, Gpu(6, 0.9, 0) with { Gpu = 5 }] }).Differences.Should().BeEmpty();
        // A capture of an agent that did not know the node's.
        SummaryComparison.Of(Control with { Gpus = [.. before.Gpus.Select(static gpu => gpu with { Gpu = null })] }, Control with { Gpus = [Gpu(5, 0.9, 0), Gpu(6, 0.2, 0) with { Gpu = null }] })
            .Words.Should().Equal("CUDA device 6 worked 20 % of the window, 50 % before.");
    }

    [Fact]
    public void Unlike_and_broken_reports_are_said() => SummaryComparison.Of(Control with { IsIncomplete = true }, new ProfilerSummary(ProfilerNames.Kineto)).Words.Should().Equal(
        "The two are of different profilers, nsys_session and kineto: only what both recorded is compared.",
        "At least one of the two reports is not whole.",
        "Nothing that both recorded differs by 5.0 % or more.",
        "Only one of the two recorded kernels.");

    [Fact]
    public void Two_ranks_of_one_job()
    {
        var comparison = SummaryComparison.Of(KinetoSummaryTests.Rank(0), KinetoSummaryTests.Rank(1), SummaryComparison.InTheControl);
        GoldenFile.Check("Contracts/summary-comparison.txt", SummaryText.Of(comparison, "rank 0", "rank 1"));
    }

    [Fact]
    public void Both_cross_between_processes()
    {
        var json = JsonSerializer.Serialize(Victim, CaptureJson.Default.ProfilerSummary);
        json.Should().Contain("\"kernels\":{\"count\":200,").And.Contain("\"exposed_ratio\":0.3").And.NotContain("null");
        JsonSerializer.Serialize(JsonSerializer.Deserialize(json, CaptureJson.Default.ProfilerSummary), CaptureJson.Default.ProfilerSummary).Should().Be(json);
        var comparison = JsonSerializer.Serialize(SummaryComparison.Of(Control, Victim), CaptureJson.Default.SummaryComparison);
        comparison.Should().Contain("\"measure\":\"kernel_share_ratio\"");
        JsonSerializer.Serialize(JsonSerializer.Deserialize(comparison, CaptureJson.Default.SummaryComparison), CaptureJson.Default.SummaryComparison).Should().Be(comparison);
    }

    private static GpuActivity Gpu(int device, double busy, double longest) => new(device, "", busy, busy * 10, 10, 0, 10, 0, 0, new GpuGaps(10, 10 - (busy * 10), longest, 1, null, [])) { Gpu = device };

    private static SummaryTable Table(params (string Name, long Count, double Seconds)[] rows)
    {
        var total = rows.Sum(static row => row.Seconds);
        return new SummaryTable(rows.Sum(static row => row.Count), total, rows.Length, [.. rows.OrderByDescending(static row => row.Seconds).Select(row => new SummaryRow(row.Name, row.Count, row.Seconds, row.Seconds / row.Count, 0, 1, row.Seconds / total))]);
    }
}
