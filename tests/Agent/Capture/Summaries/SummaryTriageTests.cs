using FluentAssertions;
using Monitoring.Agent.Capture.Summaries;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries;

public sealed class SummaryTriageTests
{
    private static readonly ProfilerSummary Busy = new(ProfilerNames.Kineto) { Window = new SummaryWindow(10), Gpus = [Gpu(0, 9.5)], Kernels = Kernels(("gemm", 3), ("other", 3), ("third", 3)) };

    [Fact]
    public void Nothing_that_stands_out_is_said_to_be_so() => Codes(Busy).Should().Equal(TriageCodes.Unremarkable);

    [Fact]
    public void A_GPU_that_works_less_than_half_is_idle()
    {
        Codes(Busy with { Gpus = [Gpu(0, 5)] }).Should().Equal(TriageCodes.Unremarkable);
        Of(Busy with { Gpus = [Gpu(0, 9), Gpu(3, 2.5)] }, TriageCodes.GpuIdle).Should().Be("GPU 3 worked 25 % of 10.0 s: 7.50 s idle before its first and after its last work.");
    }

    [Fact]
    public void Long_gaps_are_the_hosts_and_short_ones_those_of_launches()
    {
        Of(Busy with { Gpus = [Gpu(0, 7, (0.01, 50, 2.5))] }, TriageCodes.HostWait).Should().StartWith("GPU 0 waited for the host: 50 gaps of over 1.00 ms make 25 % of the window.");
        Codes(Busy with { Gpus = [Gpu(0, 7, (0.001, 50, 2.5))] }).Should().Equal(TriageCodes.Unremarkable);
        var launches = Gpu(0, 6, (1e-5, 200_000, 1.0), (1e-4, 100_000, 2.0)) with { Kernels = 300_000, KernelSeconds = 6 };
        Of(Busy with { Gpus = [launches] }, TriageCodes.LaunchBound).Should().StartWith("GPU 0 waited for launches: 300,000 gaps of under 100 us make 30 % of the window between kernels of 20.0 us on average.");
        Codes(Busy with { Gpus = [launches with { Kernels = 300 }] }).Should().Equal([TriageCodes.Unremarkable], "long kernels do not wait for launches");
    }

    [Fact]
    public void NCCL_counts_where_it_runs_alone_or_takes_most()
    {
        var nccl = new NcclSummary(100, 3, 0.3, 2.5, 0.25, [new SummaryRow("all_reduce", 100, 3, 0.03, 0.01, 0.1, 1)]);
        Of(Busy with { Nccl = nccl }, TriageCodes.NcclBound).Should().StartWith("NCCL took 30 % of the kernels' time, and for 25 % of the window nothing else ran; all_reduce most, 100 times 30.0 ms.");
        Codes(Busy with { Nccl = nccl with { ExposedRatio = 0.1 } }).Should().Equal([TriageCodes.Unremarkable], "what is hidden behind work costs nothing");
        Codes(Busy with { Nccl = nccl with { ExposedRatio = null, KernelShareRatio = 0.6 } }).Should().Equal(TriageCodes.NcclBound);
    }

    [Fact]
    public void Copies_count_where_they_leave_the_GPU()
    {
        static CopyTable Copies(string kind) => new(10, 5, 50_000_000_000, [new CopyRow(kind, 10, 5, 50_000_000_000, 1e10, 1)]);
        Of(Busy with { Copies = Copies(CopyKinds.HostToDevice) }, TriageCodes.CopyBound).Should().Be("Copies to and from the GPUs took 36 % of their work; host_to_device most: 50.0 GB in 5.00 s, 10.0 GB a second.");
        Codes(Busy with { Copies = Copies(CopyKinds.DeviceToDevice) }).Should().Equal(TriageCodes.Unremarkable);
    }

    [Fact]
    public void One_kernel_dominates_where_there_are_others_and_it_is_not_NCCL()
    {
        Of(Busy with { Kernels = Kernels(("gemm", 6), ("other", 2)) }, TriageCodes.OneKernelDominates).Should().StartWith("One kernel took 75 % of the kernels' time: gemm, 10 times");
        Codes(Busy with { Kernels = Kernels(("gemm", 6)) }).Should().Equal(TriageCodes.Unremarkable);
        Codes(Busy with { Kernels = Kernels(("ncclDevKernel_AllReduce", 6), ("other", 2)) }).Should().Equal(TriageCodes.Unremarkable);
    }

    [Fact]
    public void Sampled_metrics_tell_of_idle_and_spinning_GPUs()
    {
        static ProfilerSummary Sampled(double graphics, double multiprocessors) => new(ProfilerNames.NsysSystem)
        {
            Window = new SummaryWindow(5),
            Metrics = [new GpuMetric(7, "GR Active", "Throughput %", 100, graphics, 0, 100, 100) { Gpu = 2 }, new GpuMetric(7, "SMs Active", "Throughput %", 100, multiprocessors, 0, 100, 30) { Gpu = 2 }],
        };
        Codes(Sampled(97, 80)).Should().Equal(TriageCodes.Unremarkable);
        Of(Sampled(10, 5), TriageCodes.GpuIdle).Should().Be("The multiprocessors of GPU 2 were active 5.0 % of the time on average, 30 % in the busiest twentieth.");
        Codes(Sampled(97, 3)).Should().BeEquivalentTo(TriageCodes.SpinningKernel, TriageCodes.GpuIdle);
    }

    [Fact]
    public void GPUs_and_steps_that_differ_are_named()
    {
        Of(Busy with { Gpus = [Gpu(0, 9.5), Gpu(1, 6)] }, TriageCodes.UnevenGpus).Should().Be("GPU 1 worked 60 % of the window, GPU 0 95 %.");
        Of(Busy with { Steps = new StepSummary(3, 1.2, 1, 0.9, 1.6, "ProfilerStep#7") }, TriageCodes.UnevenSteps).Should().Be("Steps are uneven: ProfilerStep#7 took 1.60 s, the median of 3 is 1.00 s.");
        Codes(Busy with { Steps = new StepSummary(2, 1.2, 1, 0.9, 1.6) }).Should().Equal(TriageCodes.Unremarkable);
    }

    [Fact]
    public void Trouble_comes_first_and_values_carry_their_thresholds()
    {
        var findings = SummaryTriage.Of(Busy with { Gpus = [Gpu(0, 1)], Diagnostics = [new ProfilerDiagnostic("warning", "w"), new ProfilerDiagnostic("error", "CUPTI failed")] });
        findings.Select(static finding => finding.Code).Should().Equal(TriageCodes.ProfilerTrouble, TriageCodes.GpuIdle);
        findings[0].Words.Should().Be("The profiler reports an error: CUPTI failed");
        findings[1].Values[0].Should().BeEquivalentTo(new { Name = "busy_ratio", Value = 0.1, Threshold = 0.5 });
    }

    [Fact]
    public void Calls_without_work_are_said()
    {
        var summary = new ProfilerSummary(ProfilerNames.NsysSession) { Window = new SummaryWindow(2), Recorded = ["cuda"], ApiCalls = Kernels(("cudaMalloc", 1)) };
        Of(summary, TriageCodes.NoGpuWork).Should().Be("10 CUDA calls were made in 2.00 s and no GPU ran a kernel or copy.");
    }

    [Fact]
    public void A_number_that_only_the_profiler_knows_is_not_called_the_nodes()
    {
        var work = Gpu(0, 2.5) with { Gpu = null };
        Of(Busy with { Gpus = [work] }, TriageCodes.GpuIdle).Should().StartWith("CUDA device 0 worked 25 % of 10.0 s");
        Of(Busy with { Gpus = [work, Gpu(4, 9.5)] }, TriageCodes.UnevenGpus).Should().Be("CUDA device 0 worked 25 % of the window, GPU 4 95 %.");
        Of(Busy with { Gpus = [Gpu(0, 7, (0.01, 50, 2.5)) with { Gpu = null }] }, TriageCodes.HostWait).Should().StartWith("CUDA device 0 waited for the host");
        static ProfilerSummary Sampled(int? device) => new(ProfilerNames.NsysSystem)
        {
            Window = new SummaryWindow(5),
            Metrics = [new GpuMetric(device, "GR Active", "Throughput %", 100, 97, 0, 100, 100), new GpuMetric(device, "SMs Active", "Throughput %", 100, 3, 0, 100, 30)],
        };
        Of(Sampled(3), TriageCodes.GpuIdle).Should().StartWith("The multiprocessors of nsys GPU 3 were active 3.0 %");
        Of(Sampled(null), TriageCodes.GpuIdle).Should().StartWith("The multiprocessors of an unnamed GPU were active 3.0 %");
        Of(Sampled(null), TriageCodes.SpinningKernel).Should().StartWith("Something ran on an unnamed GPU 97 % of the time");
    }

    private static IEnumerable<string> Codes(ProfilerSummary summary) => SummaryTriage.Of(summary).Select(static finding => finding.Code);

    private static string Of(ProfilerSummary summary, string code) => SummaryTriage.Of(summary).Single(finding => finding.Code == code).Words;

    private static GpuActivity Gpu(int device, double busy, params (double? Below, long Count, double Seconds)[] gaps) => new(
        device, "", busy / 10, busy, busy, 0, 10, 10 - busy - gaps.Sum(static gap => gap.Seconds), 0,
        new GpuGaps(gaps.Sum(static gap => gap.Count), gaps.Sum(static gap => gap.Seconds), 0, null, null, [.. gaps.Select(static gap => new GapLength(gap.Below, gap.Count, gap.Seconds))]))
    { Gpu = device };

    private static SummaryTable Kernels(params (string Name, double Seconds)[] kernels)
    {
        var total = kernels.Sum(static kernel => kernel.Seconds);
        return new SummaryTable(10 * kernels.Length, total, kernels.Length, [.. kernels.Select(kernel => new SummaryRow(kernel.Name, 10, kernel.Seconds, kernel.Seconds / 10, 0, 1, kernel.Seconds / total))]);
    }
}
