using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>Events of every kind of content.</summary>
internal static class SomeRecords
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-21T12:52:04.9807496Z", CultureInfo.InvariantCulture);

    /// <summary>By what is special about each.</summary>
    internal static IReadOnlyDictionary<string, EventRecord> All { get; } = new Dictionary<string, EventRecord>(EventKinds.All.Select(static kind => KeyValuePair.Create($"bare {kind}", Of(kind))))
    {
        ["xid"] = Of("xid") with
        {
            Code = 79, Severity = EventSeverity.Critical, Component = "pcie", Runbook = "GpuFallenOffBus", SuggestedAction = "Drain the node.",
            Gpu = new GpuReference(0, "GPU-ce56971c", "1658516219218", "00000000:52:00.0"), Process = new ProcessReference(4711, "python3"),
            Job = new JobReference("slurm", "12", "train", "ada"),
            Evidence = new EventEvidence { Sources = ["kmsg", "nvml"], RawLine = "NVRM: Xid (PCI:0000:52:00): 79, gone", Details = new Dictionary<string, string> { ["message"] = "gone", ["a.b"] = "c" } },
        },
        ["xid that no catalogue knows"] = Of("xid") with { Code = 9999, Severity = EventSeverity.Unknown },
        ["sxid"] = Of("sxid") with { Code = 20034 },
        ["rule that fired"] = Of("anomaly") with
        {
            Rule = "gpu_hot", Phase = EventPhase.Started, Severity = EventSeverity.Warning, Capture = "accepted: aa7c19e4097b1eb07ccf6b9c638d158d", Runbook = "https://runbooks.example/hot",
            Evidence = new EventEvidence { Sources = ["rule"], Values = [new EventValue("gpu_temperature_celsius", 91.5, 90), new EventValue("other", null)] },
        },
        ["rule that cleared"] = Of("anomaly") with
        {
            Rule = "gpu_hot", Phase = EventPhase.Ended, Incident = "bb7c19e4097b1eb07ccf6b9c638d158d",
            Evidence = new EventEvidence { Sources = ["rule"], Details = new Dictionary<string, string> { ["duration_seconds"] = "12.5" } },
        },
        ["capture refused to a rule"] = Of("anomaly") with { Rule = "gpu_hot", Phase = EventPhase.Started, Capture = "refused: budget: 3 of 3 in this hour" },
        ["capture of a person"] = Of("capture") with
        {
            Evidence = new EventEvidence
            {
                Sources = ["capture"],
                Details = new Dictionary<string, string> { ["capture"] = "cc7c19e4097b1eb07ccf6b9c638d158d", ["stage"] = "failed", ["trigger"] = "person", ["asked_by"] = "grace", ["profilers"] = "counters,kineto", ["results"] = "counters:done,kineto:failed" },
            },
        },
        ["capture of a rule"] = Of("capture") with
        {
            Evidence = new EventEvidence { Sources = ["capture"], Details = new Dictionary<string, string> { ["capture"] = "cc7c19e4097b1eb07ccf6b9c638d158d", ["stage"] = "recording", ["trigger"] = "rule", ["asked_by"] = "gpu_hot" } },
        },
        ["control of a rule"] = Of("capture") with
        {
            Evidence = new EventEvidence { Sources = ["capture"], Details = new Dictionary<string, string> { ["capture"] = "cc7c19e4097b1eb07ccf6b9c638d158d", ["stage"] = "recording", ["trigger"] = "control", ["trigger_origin"] = "rule", ["asked_by"] = "gpu_hot" } },
        },
        ["wrong clock"] = Of("gap") with { Received = Noon.AddMonths(-2) },
        ["agent that started"] = Of("agent") with { Evidence = new EventEvidence { Sources = ["agent"], Details = new Dictionary<string, string> { ["version"] = "1.2.3", ["who"] = "root" } } },
        ["last moment of a month"] = Of("driver") with { Time = DateTimeOffset.Parse("2026-11-30T23:59:59.9999999-01:00", CultureInfo.InvariantCulture) },
    };

    private static EventRecord Of(string kind) => new()
    {
        Id = EventId.Of(kind, "test"), Time = Noon, BootId = "83cd763d-82c2-403a-859b-19a88be1611a", Cluster = "c", Node = "node-1", Kind = kind, Severity = EventSeverity.Info, Title = $"Something of {kind}",
    };
}
