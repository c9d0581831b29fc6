using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Health;

/// <summary>An evaluator of a node with two GPUs, a clock that the test moves, and a journal that outlives restarts.</summary>
internal sealed class HealthUnderTest
{
    internal static readonly GpuSubject Gpu0 = new(0, "GPU-aaaa", "111", "00000000:18:00.0", "NVIDIA H100 80GB HBM3");
    internal static readonly GpuSubject Gpu1 = new(1, "GPU-bbbb", "222", "00000000:2A:00.0", "NVIDIA H100 80GB HBM3");

    private int events;

    internal HealthUnderTest()
    {
        Health = Create("boot-1");
        ShowGpus(Gpu0, Gpu1);
    }

    internal ManualTimeProvider Time { get; } = new();

    internal MemoryJournal Journal { get; } = new();

    internal HealthEvaluator Health { get; private set; }

    internal NodeHealth Now
    {
        get
        {
            Health.Look();
            return Health.Current;
        }
    }

    internal void ShowGpus(params GpuSubject[] gpus) =>
        Health.Follow([.. gpus.Select(static gpu => new HealthSubject(gpu, HealthSubjects.OfGpu(hasLinks: true, hasFabric: false)))]);

    internal void Advance(TimeSpan time)
    {
        Time.Advance(time);
        Health.Look();
    }

    /// <summary>Ends the evaluator as a crash does, unless it kept its state, and starts another on the same journal.</summary>
    internal void Restart(string boot = "boot-1") => Health = Create(boot);

    internal void Fire(RuleDefinition rule, GpuSubject? gpu, string instance = "") => Health.Take(Change(rule, gpu, instance, isFiring: true));

    internal void Clear(RuleDefinition rule, GpuSubject? gpu, string instance = "") => Health.Take(Change(rule, gpu, instance, isFiring: false));

    /// <summary>An event in the journal and at the evaluator, as detection does it.</summary>
    internal EventRecord Happen(string kind, int? code, EventSeverity severity, GpuSubject? gpu, EventPhase phase = EventPhase.Instant, string? incident = null,
        string component = "", Dictionary<string, string>? details = null)
    {
        var record = Record(kind, code, severity, gpu, phase, incident, component, details);
        Journal.Append(record);
        Health.Take(record);
        return record;
    }

    internal EventRecord Record(string kind, int? code, EventSeverity severity, GpuSubject? gpu, EventPhase phase = EventPhase.Instant, string? incident = null,
        string component = "", Dictionary<string, string>? details = null) => new()
        {
            Id = EventId.Of("test", $"{events++}"),
            Time = Time.GetUtcNow(),
            BootId = "boot-1",
            Node = "node-1",
            Kind = kind,
            Code = code,
            Severity = severity,
            Gpu = gpu?.Reference,
            Phase = phase,
            Incident = incident,
            Component = component,
            Title = $"{kind} {code} happened",
            SuggestedAction = "Do something.",
            Runbook = "Book",
            Evidence = new EventEvidence { Details = details },
        };

    internal static RuleDefinition Rule(string name, HealthState health = HealthState.Unhealthy, ClearedBy by = ClearedBy.Condition, string component = Components.Thermal,
        bool onEvents = false, bool shadow = false) => new()
        {
            Name = name,
            Description = $"{name} holds",
            Component = component,
            Health = health,
            ClearedBy = by,
            ClearedAfter = TimeSpan.FromMinutes(30),
            Shadow = shadow,
            SuggestedAction = "Drain the node.",
            Runbook = "Book",
            Trigger = onEvents
                ? new EventTrigger(EventKinds.Xid, [79], EventSeverity.Info, 1, TimeSpan.FromHours(1), SameCode: false)
                : new ThresholdTrigger(new SeriesSelector("gpu_power_watts", [], Combine.Maximum), Comparison.Above, new Bound(1)),
        };

    private RuleChange Change(RuleDefinition rule, GpuSubject? gpu, string instance, bool isFiring) =>
        new(rule, gpu, instance, isFiring, Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, null, WantsCapture: false, Why: "");

    private HealthEvaluator Create(string boot) => new(new NodeIdentity("test", "node-1", boot),
        new EventVerdicts(static code => code == 79 ? "RESTART_BM" : code == 64 ? "CONTACT_SUPPORT" : "RESET_GPU"), Journal, Time, NullLogger<HealthEvaluator>.Instance);
}
