using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Collector.Search.Documents;

/// <summary>An event of every kind and phase, captures and entries of the audit, with everything that they can have.</summary>
internal static class SomeRecords
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 52, 4, 980, TimeSpan.Zero);

    private static readonly GpuReference Gpu = new(2, "GPU-ce56971c-de35-5897-421e-fc0b1046c8bf", "1658516219218", "00000000:52:00.0");
    private static readonly JobReference Job = new("slurm", "4711", "anna-train", "anna", Namespace: "", Pod: "", Container: "");

    internal static readonly JobReference Pod = new("kubernetes", "6f1c3f0a-5f0a-4a52-9a0c-0e1f8a1f8b61", Namespace: "team-a", Pod: "train-0", Container: "trainer");

    internal static readonly string CaptureId = EventId.Of("capture", "1");

    /// <summary>Events by the name of their golden file.</summary>
    internal static IReadOnlyList<(string Name, EventRecord Record)> Events { get; } =
    [
        ("xid", Record(EventKinds.Xid) with
        {
            Code = 79, Component = "pcie", Severity = EventSeverity.Critical, Title = "XID 79: GPU has fallen off the bus", Process = new ProcessReference(1234, "python3"), Job = Job,
            Evidence = new EventEvidence
            {
                Sources = ["kmsg", "nvml"], RawLine = "NVRM: Xid (PCI:0000:52:00): 79, pid='1234', name=python3, GPU has fallen off the bus.",
                Details = new Dictionary<string, string> { ["message"] = "GPU has fallen off the bus.", ["mnemonic"] = "ROBUST_CHANNEL_GPU_HAS_FALLEN_OFF_THE_BUS" },
            },
            SuggestedAction = "Drain the node and restart it.", Runbook = "GpuFallenOffBus",
        }),
        ("xid-unknown", Record(EventKinds.Xid) with { Code = 9999, Severity = EventSeverity.Unknown, Title = "XID 9999: not in the catalogue" }),
        ("sxid", Record(EventKinds.Sxid) with { Gpu = null, Code = 20034, Component = "fabric", Severity = EventSeverity.Critical, Title = "SXID 20034 of NVSwitch 1: LTSSM Fault Up",
            Evidence = Details(("device", "0000:c1:00.0"), ("link", "30"), ("fatal", "true"), ("nvswitch", "1")) }),
        ("gpu_off_bus", Record(EventKinds.GpuOffBus) with { Severity = EventSeverity.Critical, Title = "The GPU is lost" }),
        ("gsp", Record(EventKinds.Gsp) with { Severity = EventSeverity.Critical, Title = "The system processor of the GPU does not answer" }),
        ("pcie_aer", Record(EventKinds.PcieAer) with { Severity = EventSeverity.Warning, Title = "PCI Express: corrected error", Evidence = Details(("class", "corrected"), ("device", "0000:52:00.0"), ("layer", "Data Link Layer")) }),
        ("nvswitch", Record(EventKinds.Nvswitch) with { Gpu = null, Severity = EventSeverity.Warning, Title = "NVSwitch 3 reports an error: link retrain" }),
        ("fabric", Record(EventKinds.Fabric) with { Phase = EventPhase.Started, Severity = EventSeverity.Critical, Title = "GPU 2 left the NVLink fabric: its state is not started" }),
        ("oom_kill", Record(EventKinds.OomKill) with { Severity = EventSeverity.Warning, Title = "The kernel killed python3 (pid 77) for want of memory", Process = new ProcessReference(77, "python3"), Evidence = Details(("limit", "cgroup")) }),
        ("process_fault", Record(EventKinds.ProcessFault) with { Severity = EventSeverity.Warning, Title = "python3 (pid 77) ended by a fault inside libnccl.so.2", Process = new ProcessReference(77, "python3"), Evidence = Details(("library", "libnccl.so.2")) }),
        ("peer_memory", Record(EventKinds.PeerMemory) with { Gpu = null, Severity = EventSeverity.Warning, Title = "nvidia_peermem reports an error: cannot register" }),
        ("ecc", Record(EventKinds.Ecc) with { Component = "memory", Severity = EventSeverity.Critical, Title = "Uncorrectable memory error (double bit)", Evidence = Details(("driver_event", "double_bit_ecc_error")), Job = Pod }),
        ("recovery_action", Record(EventKinds.RecoveryAction) with { Phase = EventPhase.Started, Severity = EventSeverity.Warning, Title = "The driver asks for a reset", Evidence = Details(("action", "gpu_reset")) }),
        ("availability-started", Record(EventKinds.Availability) with { Phase = EventPhase.Started, Severity = EventSeverity.Critical, Title = "The GPU became unavailable" }),
        ("availability-ended", Record(EventKinds.Availability) with { Phase = EventPhase.Ended, Incident = EventId.Of("availability"), Title = "The GPU is there again", Evidence = Details(("duration_seconds", "61.25")) }),
        ("power_source", Record(EventKinds.PowerSource) with { Component = "power", Title = "The power source of the GPU changed" }),
        ("mig_change", Record(EventKinds.MigChange) with { Title = "The GPU was divided anew (MIG)" }),
        ("driver", Record(EventKinds.Driver) with { Gpu = null, Title = "The driver was replaced: 580.65.06", Evidence = Details(("before", "570.86.10"), ("now", "580.65.06")) }),
        ("driver_stuck", Record(EventKinds.DriverStuck) with { Phase = EventPhase.Started, Severity = EventSeverity.Warning, Title = "A driver call does not come back", Evidence = Details(("call", "nvmlDeviceGetPowerUsage")) }),
        ("service", Record(EventKinds.Service) with { Gpu = null, Phase = EventPhase.Started, Severity = EventSeverity.Critical, Title = "nvidia-fabricmanager does not run", Evidence = Details(("service", "nvidia-fabricmanager")) }),
        ("infiniband", Record(EventKinds.Infiniband) with { Gpu = null, Phase = EventPhase.Started, Component = "network", Severity = EventSeverity.Warning, Title = "mlx5_0 port 1 is down", Evidence = Details(("device", "mlx5_0/1")) }),
        ("anomaly-started", Record(EventKinds.Anomaly) with
        {
            Rule = "hw_thermal_slowdown", Component = "thermal", Phase = EventPhase.Started, Severity = EventSeverity.Critical, Title = "The hardware halves the clocks: GPU 2 (hw_thermal_slowdown)", Job = Job,
            Evidence = new EventEvidence { Sources = ["rule"], Values = [new EventValue("gpu_throttle_active{reason=\"hw_thermal\"}", 0.25, 0.01), new EventValue("gpu_temperature_celsius", 91)] },
            SuggestedAction = "Drain the node and check airflow.", Runbook = "https://runbooks.example/GpuHwThermalSlowdown", Capture = $"accepted: {CaptureId}",
        }),
        ("anomaly-refused", Record(EventKinds.Anomaly) with
        {
            Rule = "nvlink_down", Component = "nvlink", Phase = EventPhase.Started, Severity = EventSeverity.Warning, Title = "A link is down: GPU 2 (nvlink_down)",
            Capture = "refused: budget: 4 of 4 captures of nvlink_down within 10m",
        }),
        ("anomaly-ended", Record(EventKinds.Anomaly) with
        {
            Rule = "hw_thermal_slowdown", Component = "thermal", Phase = EventPhase.Ended, Incident = EventId.Of("anomaly"), Severity = EventSeverity.Critical,
            Title = "The hardware halves the clocks: GPU 2 (hw_thermal_slowdown) ended after 5m", Evidence = Details(("duration_seconds", "300.5")),
        }),
        ("gap", Record(EventKinds.Gap) with { Gpu = null, Severity = EventSeverity.Warning, Title = "12 records of the kernel's log were lost", Evidence = Details(("device", "kmsg"), ("records", "12")) }),
        ("agent-started", Record(EventKinds.Agent) with { Gpu = null, Title = "gpu-agent 1.2.3 was started on node-1", Evidence = Details(("version", "1.2.3")) }),
        ("agent-cleared", Record(EventKinds.Agent) with
        {
            Title = "berta cleared the health of GPU 2: board was replaced", Component = "memory",
            Evidence = new EventEvidence { Sources = ["person"], Details = new Dictionary<string, string> { ["who"] = "berta", ["why"] = "board was replaced", ["cleared"] = "row_remap_failure", ["kept"] = "" } },
        }),
        ("capture-recording", CaptureStage("recording", ("trigger", TriggerKinds.Rule), ("asked_by", "hw_thermal_slowdown"), ("profilers", "counters,nsys_system"))),
        ("capture-done", CaptureStage("done", ("trigger", TriggerKinds.Person), ("asked_by", "berta"), ("profilers", "counters,nsys_system"), ("results", "counters:done,nsys_system:done"))),
        ("capture-refused", CaptureStage("refused", ("trigger", TriggerKinds.Alert), ("asked_by", "GpuStraggler"), ("refusal", "no_gpu_process"))),
        ("capture-control", CaptureStage("done", ("trigger", TriggerKinds.Control), ("trigger_origin", TriggerKinds.Rule), ("asked_by", "hw_thermal_slowdown"), ("profilers", "counters"))),
        ("clock-ahead", Record(EventKinds.Gsp) with { Received = Start, Time = Start.AddDays(400), Title = "The node's clock is ahead" }),
        ("kind-of-a-newer-agent", Record("quantum_leap") with { Gpu = new GpuReference(PciBusId: "00000000:52:00.0"), Title = "What nobody knows yet", BootId = "", Cluster = "" }),
    ];

    /// <summary>Entries of the audit by the name of their golden file.</summary>
    internal static IReadOnlyList<(string Name, AuditEntry Entry)> Audit { get; } =
    [
        ("request", new AuditEntry(Start, AuditActions.Request, AuditOutcomes.Accepted, "berta", "10.1.2.3", CaptureId, EventId.Of("group"), "node-1", null, "step 3 slower than the rest, says berta")),
        ("request-refused", new AuditEntry(Start, AuditActions.Request, AuditOutcomes.Refused, "berta", "::ffff:10.1.2.3", CaptureId, "", "node-1", CaptureRefusal.NodeNotConnected, "node-1 is not connected")),
        ("lease", new AuditEntry(Start, AuditActions.Lease, AuditOutcomes.Accepted, "hw_thermal_slowdown", "fe80::1%2", CaptureId, "", "node-1")),
        ("schedule-skipped", new AuditEntry(Start, AuditActions.Schedule, AuditOutcomes.Skipped, "nightly", Words: "missed while the collector was down")),
        ("schedule-put", new AuditEntry(Start, AuditActions.SchedulePut, AuditOutcomes.Accepted, "berta", "10.1.2.3", Words: "nightly")),
        ("schedule-delete", new AuditEntry(Start, AuditActions.ScheduleDelete, AuditOutcomes.Accepted, "", "10.1.2.3", Words: "nightly")),
        ("delete", new AuditEntry(Start, AuditActions.Delete, AuditOutcomes.Accepted, "berta", "not an address", CaptureId, "", "node-1")),
        ("alert", new AuditEntry(Start, AuditActions.Alert, AuditOutcomes.Accepted, "GpuStraggler", "10.1.2.3", CaptureId)),
        ("alert-refused", new AuditEntry(Start, AuditActions.Alert, AuditOutcomes.Refused, "GpuStraggler", "", CaptureId, EventId.Of("group"), "node-1", CaptureRefusal.Cooldown, "refused: cooldown", TriggerKinds.Alert)),
        ("control-of-rule", new AuditEntry(Start, AuditActions.Control, AuditOutcomes.Accepted, "hw_thermal_slowdown", "", CaptureId, EventId.Of("group"), "node-2", null, "control of its victim", TriggerKinds.Rule)),
        ("control-of-person", new AuditEntry(Start, AuditActions.Control, AuditOutcomes.Accepted, "berta", "", CaptureId, EventId.Of("group"), "node-3", null, "control of its victim", TriggerKinds.Person)),
        .. ((string[])[AuditActions.Control, AuditActions.Cancel, AuditActions.Pin, AuditActions.Unpin]).Select(static action => (action, new AuditEntry(Start, action, AuditOutcomes.Accepted, "berta", "", CaptureId))),
    ];

    /// <summary>Finished captures by the name of their golden file.</summary>
    internal static IReadOnlyList<(string Name, CaptureManifest Manifest, ProfilerSummary[] Summaries)> Captures { get; } =
    [
        ("rule", SomeManifests.OfRule, [SomeManifests.Summary]),
        ("person", SomeManifests.OfPerson, []),
    ];

    private static EventRecord Record(string kind) => new()
    {
        Id = EventId.Of("golden", kind), Time = Start, BootId = "83cd763d-82c2-403a-859b-19a88be1611a", Cluster = "lab", Node = "node-1", Gpu = Gpu, Kind = kind,
        Severity = EventSeverity.Info, Title = kind, Evidence = new EventEvidence { Sources = ["nvml"] },
    };

    private static EventRecord CaptureStage(string stage, params (string Name, string Value)[] details) => Record(EventKinds.Capture) with
    {
        Title = $"Capture {CaptureId[..8]} of GPU 2: {stage}", Evidence = new EventEvidence { Sources = ["capture"], Details = new Dictionary<string, string>(
            [new("capture", CaptureId), new("stage", stage), .. details.Select(static detail => new KeyValuePair<string, string>(detail.Name, detail.Value))]) },
    };

    private static EventEvidence Details(params (string Name, string Value)[] details) =>
        new() { Sources = ["nvml"], Details = details.ToDictionary(static detail => detail.Name, static detail => detail.Value) };
}
