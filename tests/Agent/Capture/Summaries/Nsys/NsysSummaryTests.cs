using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Capture.Summaries;
using Monitoring.Agent.Capture.Summaries.Nsys;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Agent.Capture.Summaries.Sqlite;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Nsys;

/// <summary>The expected numbers were computed with SQL on the same files.</summary>
public sealed class NsysSummaryTests : IDisposable
{
    private const string Kernels = "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL(start INTEGER, end INTEGER, deviceId INTEGER, shortName INTEGER, demangledName INTEGER)";
    private const string Strings = "CREATE TABLE StringIds(id INTEGER PRIMARY KEY, value TEXT)";

    private readonly string folder = Directory.CreateTempSubdirectory("nsys-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_CUDA_program_of_Perlmutter()
    {
        var summary = Perlmutter();

        summary.Tool.Should().Be("NVIDIA Nsight Systems 2024.5.1.113");
        summary.Window.Should().Be(new SummaryWindow(1.197763107, DateTimeOffset.UnixEpoch.AddTicks(16963928395871755)));
        summary.Recorded.Should().Equal("os_runtime", "graphics", "nvtx_events", "cuda");
        summary.IsIncomplete.Should().BeFalse();
        summary.Notes.Should().BeEmpty();

        summary.Kernels.Should().BeEquivalentTo(new { Count = 1312, TotalSeconds = 0.294404540, Names = 102 });
        summary.Kernels!.Rows.Should().HaveCount(20);
        var top = summary.Kernels.Rows[0];
        (top.Name, top.Count, top.TotalSeconds, top.MinSeconds, top.MaxSeconds).Should().Be(("par_ranged2d_kernel", 10, 0.019404589, 0.001929242, 0.001946587));
        top.MeanSeconds.Should().BeApproximately(0.0019404589, 1e-12);
        top.ShareRatio.Should().BeApproximately(0.0659113, 1e-6);
        top.FullName.Should().StartWith("void clover::par_ranged2d_kernel<PdV_kernel(bool, int").And.EndWith("::[lambda(int, int) (instance 2)]>(clover::Range2d, T1)").And.HaveLength(512).And.Contain("…");
        summary.Kernels.Rows[1].Name.Should().Be("par_reduce_kernel");
        (summary.Kernels.OtherCount + summary.Kernels.Rows.Sum(static row => row.Count)).Should().Be(1312);
        (summary.Kernels.OtherSeconds + summary.Kernels.Rows.Sum(static row => row.TotalSeconds)).Should().BeApproximately(0.294404540, 1e-9);
        summary.Nccl.Should().BeNull();

        summary.Copies!.Rows.Select(static row => (row.Kind, row.Count, row.Bytes, row.TotalSeconds)).Should().Equal(("host_to_device", 254, 225065752, 0.009346285), ("device_to_host", 25, 51200, 0.000044638));
        summary.Copies.Rows[0].BytesPerSecond.Should().BeApproximately(24.0807e9, 1e6);

        summary.ApiCalls!.Rows.Take(3).Select(static row => (row.Name, row.Count, row.TotalSeconds)).Should().Equal(
            ("cudaDeviceSynchronize", 1312, 0.301652956), ("cudaMalloc", 76, 0.240457583), ("cudaMemcpy", 279, 0.017670674));
        summary.SystemCalls.Should().BeEquivalentTo(new { Count = 1828, TotalSeconds = 0.855689751, Names = 23 });
        summary.SystemCalls!.Rows[0].Should().BeEquivalentTo(new { Name = "poll", Count = 18, MaxSeconds = 0.100154444 });

        var gpu = summary.Gpus.Should().ContainSingle().Subject;
        (gpu.Device, gpu.Name, gpu.BusySeconds, gpu.Kernels).Should().Be((0, "NVIDIA A100-SXM4-80GB", 0.303795463, 1312));
        gpu.BusyRatio.Should().BeApproximately(0.303795463 / 1.197763107, 1e-12);
        (gpu.IdleBeforeSeconds, gpu.IdleAfterSeconds).Should().Be((0.533338240, 0.322017057));
        (gpu.Gaps.Count, gpu.Gaps.TotalSeconds, gpu.Gaps.LongestSeconds, gpu.Gaps.LongestAtSeconds).Should().Be((1590, 0.038612347, 0.002559289, 0.539216752));
        gpu.Gaps.LongestAt.Should().BeCloseTo(summary.Window.From!.Value.AddSeconds(0.539216752), TimeSpan.FromMicroseconds(1));
        gpu.Gaps.Lengths.Sum(static length => length.Count).Should().Be(1590);

        summary.CpuSamples!.Samples.Should().Be(1531);
        summary.CpuSamples.Rows[0].Should().BeEquivalentTo(new { Process = "cuda-cloverleaf", Pid = 1701896, Thread = "cuda-cloverleaf", Tid = 1701896, Samples = 1512 });
        summary.CpuSamples.Rows[1].Should().BeEquivalentTo(new { Thread = "[NSys]", Tid = 1701902, Samples = 16 });
        summary.Diagnostics.Should().HaveCount(4).And.OnlyContain(static diagnostic => diagnostic.Severity == "warning");
        summary.Triage.Should().ContainSingle().Which.Code.Should().Be(TriageCodes.GpuIdle);
    }

    [Fact]
    public void Kernels_of_NCCL_ranges_and_sampled_metrics()
    {
        var summary = Synthetic();

        summary.Kernels.Should().BeEquivalentTo(new { Count = 1800, TotalSeconds = 0.744882682, Names = 4 });
        summary.Nccl.Should().BeEquivalentTo(new { Count = 200, TotalSeconds = 0.237707654 });
        summary.Nccl!.ExposedSeconds.Should().BeApproximately(0.237707654, 1e-12);
        summary.Nccl.ExposedRatio.Should().BeApproximately(0.237707654 / 1.237710103, 1e-9);
        summary.Nccl.Collectives.Should().ContainSingle().Which.Name.Should().Be("all_reduce");
        summary.Ranges!.Rows.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Name = "step", Count = 200, TotalSeconds = 0.776944180, MinSeconds = 0.003424966, MaxSeconds = 0.018071220 });
        summary.Gpus[0].Should().BeEquivalentTo(new { Name = "NVIDIA H100 80GB HBM3", Uuid = "11111111-2222-3333-4444-555555555555", PciBusId = "0000:18:00.0", BusySeconds = 0.768882682 });
        (summary.Gpus[0].Gaps.Count, summary.Gpus[0].Gaps.LongestSeconds).Should().Be((1999, 0.000255956));

        summary.Metrics.Should().HaveCount(10).And.OnlyContain(static metric => metric.Device == 0 && metric.Count == 83);
        summary.Metrics[0].Should().Be(new GpuMetric(0, "GPC Clock Frequency", "MHz", 83, 1980, 1980, 1980, 1980));
        summary.Metrics[5].Should().BeEquivalentTo(new { Name = "Tensor Active", Unit = "Throughput %", Min = 30, Max = 60, P95 = 59 });
        summary.Metrics[5].Mean.Should().BeApproximately(45.66265060240964, 1e-12);
        summary.Metrics.Select(static metric => metric.P95).Should().Equal(1980, 1700, 97, 93, 41, 59, 45, 28, 20, 5);
    }

    [Fact]
    public void A_program_without_a_GPU_has_its_system_calls()
    {
        var summary = NsysSummary.Read(Requirement.SharedData("nsys-samples", "nsys2023-osrt.sqlite"), ProfilerNames.NsysSession);

        summary.Profiler.Should().Be("nsys_session");
        summary.SystemCalls.Should().BeEquivalentTo(new { Count = 1988, TotalSeconds = 2.500281996, Names = 6 });
        summary.SystemCalls!.Rows[1].Should().BeEquivalentTo(new { Name = "pthread_join", Count = 2, TotalSeconds = 1.025516902, MinSeconds = 0.001406551, MaxSeconds = 1.024110351 });
        (summary.Kernels, summary.Nccl, summary.Copies, summary.ApiCalls, summary.Ranges).Should().Be((null, null, null, null, null));
        summary.Gpus.Should().BeEmpty();
        summary.Triage.Should().ContainSingle().Which.Code.Should().Be(TriageCodes.Unremarkable);
    }

    [Fact]
    public void What_people_read()
    {
        GoldenFile.Check("Agent/summary-nsys-perlmutter.txt", SummaryText.Of(Perlmutter()));
        GoldenFile.Check("Agent/summary-nsys-synthetic.txt", SummaryText.Of(Synthetic()));
        GoldenFile.Check("Agent/summary-nsys-synthetic.json", JsonSerializer.Serialize(Synthetic(), CaptureJson.Readable.ProfilerSummary) + "\n");
    }

    [Fact]
    public void Columns_may_be_missing_and_in_any_order()
    {
        var summary = Read(new SqliteTestFile()
            .Table("StringIds", Strings, [[null, "kernel"], [null, "void kernel<int>()"], [null, "ncclDevKernel_AllReduce"]])
            .Table("CUPTI_ACTIVITY_KIND_KERNEL", Kernels, [[100L, 200L, 1L, 1L, 2L], [300L, 400L, 1L, 3L, 3L]])
            .Table("CUPTI_ACTIVITY_KIND_GRAPH_TRACE", "CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE(graphId, deviceId, end, start)", [[7L, 1L, 900L, 500L]])
            .Table("CUPTI_ACTIVITY_KIND_MEMSET", "CREATE TABLE CUPTI_ACTIVITY_KIND_MEMSET(start, end, deviceId, bytes)", [[450L, 460L, 1L, 64L]])
            .Table("NVTX_EVENTS", "CREATE TABLE NVTX_EVENTS(start, end, eventType, textId)", [[0L, 50L, 59L, 1L], [0L, null, 34L, 1L], [0L, 25L, 60L, 2L]]));

        summary.Kernels!.Rows.Select(static row => (row.Name, row.FullName, row.TotalSeconds)).Should().Equal(
            ("CUDA graph 7", "", 4e-7), ("kernel", "void kernel<int>()", 1e-7), ("ncclDevKernel_AllReduce", "", 1e-7));
        summary.Gpus.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Device = 1, Name = "", BusySeconds = 6.1e-7, KernelSeconds = 6e-7, CopySeconds = 1e-8 });
        summary.Window.Should().Be(new SummaryWindow(9e-7), "without ANALYSIS_DETAILS it is what was seen, and without a session start nobody knows when");
        summary.Ranges!.Rows.Select(static row => row.Name).Should().Equal("kernel", "void kernel<int>()");
        summary.Copies!.Rows.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Kind = "fill", Bytes = 64, BytesPerSecond = 6.4e9 });
        summary.Nccl!.ExposedSeconds.Should().BeApproximately(1e-7, 1e-15);
    }

    [Fact]
    public void A_table_of_an_unknown_form_is_noted_and_the_others_are_read()
    {
        var summary = Read(new SqliteTestFile()
            .Table("StringIds", Strings, [[null, "call"]])
            .Table("CUPTI_ACTIVITY_KIND_KERNEL", "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL(begin, end)", [[1L, 2L]])
            .Table("OSRT_API", "CREATE TABLE OSRT_API(start, end, nameId)", [[0L, 5L, 1L], ["text", 5L, 1L], [9L, 5L, 1L]]));

        summary.IsIncomplete.Should().BeTrue();
        summary.Notes.Should().Equal("The table 'CUPTI_ACTIVITY_KIND_KERNEL' has no column 'start': it is of a version that is not known, and was not read.");
        summary.SystemCalls.Should().BeEquivalentTo(new { Count = 1 }, "a row whose times are none is no call");
        summary.Triage[0].Code.Should().Be(TriageCodes.ProfilerTrouble);
    }

    [Fact]
    public void CUDA_that_was_traced_and_not_used_is_said()
    {
        var summary = Read(new SqliteTestFile()
            .Table("META_DATA_CAPTURE", "CREATE TABLE META_DATA_CAPTURE(name TEXT, value TEXT)", [["CAPTURE_EVENT_TYPE", "Cuda"]])
            .Table("ANALYSIS_DETAILS", "CREATE TABLE ANALYSIS_DETAILS(duration INTEGER)", [[5_000_000_000L]]));

        summary.Triage.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Code = "no_gpu_work", Words = "CUDA was traced for 5.00 s and nothing used it: the process was not started under the profiler, or did no GPU work meanwhile." });
    }

    [Fact]
    public void A_damaged_export_gives_what_came_before()
    {
        var bytes = File.ReadAllBytes(Requirement.SharedData("nsys-exports", "perlmutter-cloverleaf-cuda.sqlite"));
        var path = Path.Combine(folder, "cut.sqlite");
        File.WriteAllBytes(path, bytes[..(bytes.Length * 2 / 3)]);

        var summary = NsysSummary.Read(path);

        summary.IsIncomplete.Should().BeTrue();
        summary.Notes.Should().NotBeEmpty().And.OnlyContain(static note => note.StartsWith("The export points to page"));
        summary.Tool.Should().BeEmpty("its table was not found any more");
        summary.SystemCalls!.Count.Should().BePositive();
        summary.Triage[0].Code.Should().Be(TriageCodes.ProfilerTrouble);
    }

    [Fact]
    public void A_report_that_is_no_database_is_refused_with_its_name() =>
        FluentActions.Invoking(static () => NsysSummary.Read(Requirement.SharedData("nsys-samples", "truncated.nsys-rep")))
            .Should().Throw<SummaryException>().WithMessage("'truncated.nsys-rep' is no SQLite database: it does not begin as one");

    [Fact]
    public void Random_damage_gives_a_summary_or_a_refusal()
    {
        var whole = File.ReadAllBytes(Requirement.SharedData("nsys-samples", "synth-cuda.sqlite"));
        var random = new Random(11);
        var path = Path.Combine(folder, "damaged.sqlite");
        var incomplete = 0;
        for (var round = 0; round < 60; round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var hit = random.Next(1, 400); hit > 0; hit--)
                bytes[random.Next(2) == 0 ? random.Next(bytes.Length) : (random.Next(bytes.Length / 4096) * 4096) + random.Next(16)] = (byte)random.Next(256);
            // The schema is left alone most times, so that there is something to read.
            if (random.Next(5) > 0) whole.AsSpan(0, 4096).CopyTo(bytes);
            File.WriteAllBytes(path, bytes);
            try
            {
                var summary = NsysSummary.Read(path);
                JsonSerializer.Serialize(summary, CaptureJson.Default.ProfilerSummary).Length.Should().BeLessThan(400_000);
                SummaryText.Of(summary).Should().NotBeEmpty();
                if (summary.IsIncomplete) incomplete++;
            }
            catch (SummaryException refusal)
            {
                refusal.Message.Should().StartWith("'damaged.sqlite' ");
            }
        }
        incomplete.Should().BePositive();
    }

    [Fact]
    public void It_ends_when_asked_to()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        FluentActions.Invoking(() => NsysSummary.Read(Requirement.SharedData("nsys-samples", "synth-cuda.sqlite"), cancellationToken: stop.Token)).Should().Throw<OperationCanceledException>();
    }

    internal static ProfilerSummary Perlmutter() => NsysSummary.Read(Requirement.SharedData("nsys-exports", "perlmutter-cloverleaf-cuda.sqlite"));

    internal static ProfilerSummary Synthetic() => NsysSummary.Read(Requirement.SharedData("nsys-samples", "synth-cuda.sqlite"));

    private ProfilerSummary Read(SqliteTestFile file)
    {
        var path = Path.Combine(folder, "test.sqlite");
        File.WriteAllBytes(path, file.ToBytes());
        return NsysSummary.Read(path);
    }
}
