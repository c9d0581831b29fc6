using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Collector.Search.Documents;

/// <summary>Manifests and a summary with everything that documents take from them.</summary>
internal static class SomeManifests
{
    private static readonly string Hash = new('a', 64);

    internal static CaptureManifest OfRule { get; } = new()
    {
        Request = Request(new CaptureTrigger(TriggerKinds.Rule, "hw_thermal_slowdown", "GPU 2 throttled 25 % of 10m", EventId.Of("anomaly"))) with { ControlOf = EventId.Of("victim"), Group = EventId.Of("group") },
        Node = "node-1", Cluster = "lab", BootId = "83cd763d-82c2-403a-859b-19a88be1611a", AgentVersion = "1.2.3", DriverVersion = "580.65.06", KernelVersion = "6.8.0-45",
        Gpus = [new CapturedGpu(2, "GPU-ce56971c-de35-5897-421e-fc0b1046c8bf", "NVIDIA H100 80GB HBM3", "1658516219218", "00000000:52:00.0", "hopper")],
        Processes = [new CapturedProcess(1234, "python3", "anna", [2], ["python3", "/home/anna/train.py", "--token=***"])],
        Job = new JobReference("slurm", "4711", "anna-train", "anna"),
        Result = CaptureStage.Done, Words = "nsys_system: recorded; counters: recorded",
        Runs = [new ProfilerRun(ProfilerNames.Counters, true), new ProfilerRun(ProfilerNames.NsysSystem, true, Version: "2025.3.1"), new ProfilerRun(ProfilerNames.Kineto, false, CaptureRefusal.SessionNotReachable)],
        Cost = new CaptureCost([], 0.031),
        Files =
        [
            new CaptureFile("report.nsys-rep", CaptureFileKinds.Report, "application/octet-stream", 48_123_456, Hash),
            new CaptureFile("summary.json", CaptureFileKinds.Summary, "application/json", 34_567, Hash),
        ],
        RecordedFrom = SomeRecords.Start.AddSeconds(2), RecordedTo = SomeRecords.Start.AddSeconds(7), FinishedAt = SomeRecords.Start.AddSeconds(30),
    };

    internal static CaptureManifest OfPerson { get; } = new()
    {
        Request = Request(new CaptureTrigger(TriggerKinds.Person, "berta", "anna's job hangs")) with { Id = EventId.Of("capture", "2") }, Node = "node-1", Cluster = "lab",
        Gpus = [new CapturedGpu(0, "GPU-0"), new CapturedGpu(1, "GPU-1")], Job = SomeRecords.Pod,
        Processes = [new CapturedProcess(7, "python3", "anna"), new CapturedProcess(8, "python3", "carl", CommandLine: ["python3", "serve.py"])],
        Result = CaptureStage.Failed, Words = "kineto: the process did not answer", Runs = [new ProfilerRun(ProfilerNames.Kineto, false, CaptureRefusal.NoGpuProcess)],
        Cost = new CaptureCost([], Aborted: false), FinishedAt = SomeRecords.Start.AddSeconds(30),
    };

    internal static ProfilerSummary Summary { get; } = new(ProfilerNames.NsysSystem)
    {
        Window = new SummaryWindow(5, SomeRecords.Start.AddSeconds(2)),
        Triage = [new TriageFinding(TriageCodes.NcclBound, "NCCL takes 46 % of the time of all kernels.", []), new TriageFinding(TriageCodes.GpuIdle, "GPU 2 was idle for 31 % of 5 s.", [])],
        Gpus = [new GpuActivity(0, "NVIDIA H100", 0.69, 3.45, 3.2, 0.25, 1200, 0.1, 0.05, new GpuGaps(40, 1.4, 0.31, 1.2, null, []))],
        Kernels = new SummaryTable(1200, 3.2, 14, [new SummaryRow("ncclDevKernel_AllReduce_Sum_f32_RING_LL", 100, 1.47, 0.0147, 0.01, 0.05, 0.46), new SummaryRow("ampere_sgemm_128x64", 600, 1.2, 0.002, 0.001, 0.004, 0.375)]),
        Nccl = new NcclSummary(100, 1.47, 0.46, 0.9, 0.18, [new SummaryRow("all_reduce", 100, 1.47, 0.0147, 0.01, 0.05, 1)]),
        Copies = new CopyTable(20, 0.25, 2_000_000_000, []),
        Steps = new StepSummary(25, 0.2, 0.19, 0.18, 0.4, "step 7"),
    };

    private static CaptureRequest Request(CaptureTrigger trigger) => new()
    {
        Id = SomeRecords.CaptureId, Trigger = trigger, Target = new CaptureTarget("node-1", [2]), RequestedAt = SomeRecords.Start, ExpiresAt = SomeRecords.Start.AddHours(1), DurationSeconds = 5,
    };
}
