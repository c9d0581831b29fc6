using FluentAssertions;
using Monitoring.Agent.Capture.Summaries.Nsys;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Agent.Capture.Summaries.Sqlite;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries.Nsys;

/// <summary>nsys counts GPUs in its own order, each process in CUDA's, the node in NVML's; and nsys samples the GPUs of other jobs too.</summary>
public sealed class NsysDevicesTests : IDisposable
{
    private const long Host = 281474976710656;
    private const string Gpus = "CREATE TABLE TARGET_INFO_GPU(vmId INTEGER, id INTEGER, name TEXT, busLocation TEXT, uuid TEXT, cuDevice INTEGER)";
    private const string Kernels = "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL(start INTEGER, end INTEGER, deviceId INTEGER, shortName INTEGER, demangledName INTEGER, globalPid INTEGER)";
    private const string CudaDevices = "CREATE TABLE TARGET_INFO_CUDA_DEVICE(gpuId INTEGER, cudaId INTEGER, pid INTEGER, uuid TEXT)";
    private const string Length = "CREATE TABLE ANALYSIS_DETAILS(duration INTEGER)";

    // On the node 0, 1, 2 are at 03, 41, c1; nsys begins with c1, as the recorded export does.
    private static readonly object?[][] Three =
    [
        [Host, 0L, "A100", "0000:c1:00.0", "cccccccc-0000-0000-0000-000000000002", 2L],
        [Host, 1L, "A100", "0000:41:00.0", "bbbbbbbb-0000-0000-0000-000000000001", 1L],
        [Host, 2L, "A100", "0000:03:00.0", "aaaaaaaa-0000-0000-0000-000000000000", 0L],
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("nsys-devices-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_triage_is_not_of_a_GPU_of_another_job()
    {
        // The GPU at c1 is free; the job has the other two.
        var summary = Read(Metrics((0, 0), (1, 95), (2, 96)), Node(0), Node(1));

        summary.Triage.Should().ContainSingle().Which.Code.Should().Be(TriageCodes.Unremarkable);
        summary.Metrics.Where(static metric => metric.Name == "SMs Active").Select(static metric => (metric.Device, metric.Gpu)).Should().Equal([(0, null), (1, 1), (2, 0)], "the others stay in the table");
        summary.Notes.Should().BeEmpty();
    }

    [Fact]
    public void A_captured_GPU_has_the_nodes_number()
    {
        Read(Metrics((0, 0), (1, 95), (2, 96)), Node(1), Node(2)).Triage[0].Words.Should().StartWith("The multiprocessors of GPU 2 were active 0 % of the time");
        // By its UUID alone, as NVML writes it, and by its place alone.
        Read(Metrics((0, 90), (1, 4)), new CapturedGpu(6, "GPU-BBBBBBBB-0000-0000-0000-000000000001")).Triage.Select(static finding => finding.Words.Split(" were ")[0].Split(" 97 %")[0])
            .Should().BeEquivalentTo("The multiprocessors of GPU 6", "Something ran on GPU 6");
        Read(Metrics((0, 90), (1, 4)), new CapturedGpu(6, "", PciBusId: "00000000:41:00.0")).Triage.Should().HaveCount(2).And.OnlyContain(static finding => finding.Words.Contains("GPU 6 "));
    }

    [Fact]
    public void Metrics_that_may_be_anybodys_are_no_finding_and_a_note_says_so()
    {
        var summary = Read(Metrics((0, 0), (1, 95), (2, 96)), new CapturedGpu(0, "GPU-dddddddd-0000-0000-0000-000000000009", PciBusId: "00000000:E1:00.0"));

        summary.Triage.Should().ContainSingle().Which.Code.Should().Be(TriageCodes.Unremarkable);
        summary.Notes.Should().Equal("None of the GPUs whose metrics were sampled is known to be one of the captured: the triage says nothing of them.");
    }

    [Fact]
    public void Work_has_the_nodes_number_of_its_GPU_by_the_recorded_export()
    {
        var path = Requirement.SharedData("nsys-exports", "perlmutter-cloverleaf-cuda.sqlite");
        // Its GPU is CUDA's 0 and nsys's 3.
        var own = new CapturedGpu(5, "GPU-b17c6502-716a-c2c7-0f65-854136d5f79f", PciBusId: "00000000:03:00.0");
        var other = new CapturedGpu(3, "GPU-cf6b97c0-bf53-a39e-febd-9532190b5766", PciBusId: "00000000:C1:00.0");

        var summary = NsysSummary.Read(path, ProfilerNames.NsysSession, [other, own]);

        summary.Gpus.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Device = 0, Gpu = 5, PciBusId = "0000:03:00.0" });
        summary.Triage[0].Words.Should().StartWith("GPU 5 worked 25 %");
        summary.Pids.Should().Equal(1701896);
        // Where the numbers lead to no captured GPU they are not those of the job, whose work it is.
        NsysSummary.Read(path, ProfilerNames.NsysSession, [other]).Triage[0].Words.Should().StartWith("CUDA device 0 worked 25 %");
    }

    [Fact]
    public void Processes_that_each_see_one_GPU_and_call_it_0_are_told_apart()
    {
        var file = new SqliteTestFile()
            .Table("TARGET_INFO_GPU", Gpus, Three)
            .Table("TARGET_INFO_CUDA_DEVICE", CudaDevices, [[0L, 0L, 11L, ""], [1L, 0L, 22L, ""]])
            .Table("ANALYSIS_DETAILS", Length, [[1000L]])
            .Table("CUPTI_ACTIVITY_KIND_KERNEL", Kernels, [[0L, 900L, 0L, 1L, 1L, Process(11)], [0L, 100L, 0L, 1L, 1L, Process(22)]]);

        var summary = Read(file, Node(1), Node(2));

        summary.Gpus.Select(static gpu => (gpu.Gpu, gpu.Device, gpu.BusyRatio, gpu.PciBusId)).Should().Equal((2, 0, 0.9, "0000:c1:00.0"), (1, 0, 0.1, "0000:41:00.0"));
        summary.Triage.Select(static finding => finding.Words).Should().Contain("GPU 1 worked 10 % of the window, GPU 2 90 %.");
        summary.Pids.Should().Equal(11, 22);
        // Of the one that is not captured nothing is said.
        Read(file, Node(2)).Triage.Should().ContainSingle().Which.Code.Should().Be(TriageCodes.Unremarkable);
    }

    [Fact]
    public void An_older_version_does_not_say_which_of_two_processes_counts_how()
    {
        var summary = Read(new SqliteTestFile()
            .Table("TARGET_INFO_GPU", Gpus, Three)
            .Table("ANALYSIS_DETAILS", Length, [[1000L]])
            .Table("CUPTI_ACTIVITY_KIND_KERNEL", Kernels, [[0L, 100L, 0L, 1L, 1L, Process(11)], [0L, 100L, 0L, 1L, 1L, Process(22)]]), Node(0), Node(1));

        summary.Gpus.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Device = 0, Gpu = (int?)null, Name = "A100", Uuid = "", PciBusId = "" });
        summary.Triage[0].Words.Should().StartWith("CUDA device 0 worked 10 %");
    }

    [Fact]
    public void A_GPU_that_the_job_does_not_see_is_not_taken_for_the_one_that_it_does()
    {
        // With CUDA_VISIBLE_DEVICES=1 there is one device.
        var summary = Read(new SqliteTestFile()
            .Table("TARGET_INFO_GPU", Gpus, [[Host, 0L, "A100", "0000:c1:00.0", "", null], [Host, 1L, "H100", "0000:41:00.0", "", 0L]])
            .Table("ANALYSIS_DETAILS", Length, [[1000L]])
            .Table("CUPTI_ACTIVITY_KIND_KERNEL", Kernels, [[0L, 100L, 0L, 1L, 1L, Process(11)]]), Node(1), Node(2));

        summary.Gpus.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Gpu = 1, Name = "H100" });
        summary.Triage[0].Words.Should().StartWith("GPU 1 worked 10 %");
    }

    private static long Process(long pid) => Host | (pid << 24);

    private static CapturedGpu Node(int index) => index switch
    {
        0 => new CapturedGpu(0, "GPU-aaaaaaaa-0000-0000-0000-000000000000", PciBusId: "00000000:03:00.0"),
        1 => new CapturedGpu(1, "GPU-bbbbbbbb-0000-0000-0000-000000000001", PciBusId: "00000000:41:00.0"),
        _ => new CapturedGpu(2, "GPU-cccccccc-0000-0000-0000-000000000002", PciBusId: "00000000:C1:00.0"),
    };

    /// <summary>Samples of how active multiprocessors were, by nsys's number of the GPU; something runs on each.</summary>
    private static SqliteTestFile Metrics(params (long Gpu, long Percent)[] sampled) => new SqliteTestFile()
        .Table("TARGET_INFO_GPU", Gpus, Three)
        .Table("TARGET_INFO_GPU_METRICS", "CREATE TABLE TARGET_INFO_GPU_METRICS(typeId INTEGER, sourceId INTEGER, typeName TEXT, metricId INTEGER, metricName TEXT)",
            sampled.SelectMany(static one => (object?[][])
            [
                [100 + one.Gpu, Host + ((one.Gpu + 1) << 32), $"GPU Metrics [{one.Gpu}]", 0L, "GR Active [Throughput %]"],
                [100 + one.Gpu, Host + ((one.Gpu + 1) << 32), $"GPU Metrics [{one.Gpu}]", 1L, "SMs Active [Throughput %]"],
            ]))
        .Table("GPU_METRICS", "CREATE TABLE GPU_METRICS(timestamp INTEGER, typeId INTEGER, metricId INTEGER, value INTEGER)",
            sampled.SelectMany(static one => (object?[][])[[0L, 100 + one.Gpu, 0L, one.Percent == 0 ? 0L : 97L], [0L, 100 + one.Gpu, 1L, one.Percent]]));

    private ProfilerSummary Read(SqliteTestFile file, params CapturedGpu[] gpus)
    {
        var path = Path.Combine(folder, "test.sqlite");
        File.WriteAllBytes(path, file.ToBytes());
        return NsysSummary.Read(path, ProfilerNames.NsysSystem, gpus);
    }
}
