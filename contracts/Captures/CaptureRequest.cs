using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Captures;

/// <summary>
/// The wish for a capture on one node. It is the same capture wherever the id is the same: a command that comes twice, or again after a
/// restart of either side, is taken once.
/// </summary>
public sealed record CaptureRequest
{
    /// <summary>Id of the capture: 32 hexadecimal digits, made with <see cref="Events.EventId"/> of what asked for it.</summary>
    public required string Id { get; init; }

    /// <summary>What the captures have in common that one wish made on several nodes; the id itself where there is one.</summary>
    public string Group { get; init => field = value ?? ""; } = "";

    /// <summary>How many captures the wish asks for together, which are held against each other; 0 where that is not said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Members { get; init; }

    /// <summary>Who or what asks.</summary>
    public required CaptureTrigger Trigger { get; init; }

    /// <summary>What is to be captured.</summary>
    public required CaptureTarget Target { get; init; }

    /// <summary>Names of profilers (<see cref="ProfilerNames"/>) in order of preference; empty leaves the choice to the node. The counters always come along.</summary>
    public IReadOnlyList<string> Profilers { get; init => field = value ?? []; } = [];

    /// <summary>How long to record, seconds; above 0, at most what the node allows.</summary>
    public double DurationSeconds { get; init; } = 5;

    /// <summary>When to begin recording, the same instant on every node of a group; null for at once.</summary>
    public DateTimeOffset? StartAt { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>After this nobody wants it any more.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>True to sample the processors too; costs the workload more.</summary>
    public bool CpuSampling { get; init; }

    /// <summary>True to take a healthy peer of the same job as well, as control.</summary>
    public bool WantsControl { get; init; }

    /// <summary>Id of the capture whose control this is; null for none.</summary>
    public string? ControlOf { get; init; }

    /// <summary>True to keep it whatever the limits of age and bytes say.</summary>
    public bool Pinned { get; init; }
}

/// <summary>Who or what asks for a capture.</summary>
/// <param name="Kind">One of <see cref="TriggerKinds"/>.</param>
/// <param name="Name">The rule, alert or schedule; the person's name for a person.</param>
/// <param name="Reason">Why, one line: what the rule saw, what the person typed.</param>
/// <param name="EventId">The event that led to it; null for none.</param>
/// <param name="Values">The values that crossed.</param>
/// <param name="Origin">Of a control, the kind of what asked for the capture whose control it is, which tells whose name <paramref name="Name"/> is; null for others, and where it is not known.</param>
public sealed record CaptureTrigger(string Kind, string Name, string Reason = "", string? EventId = null, IReadOnlyList<Events.EventValue>? Values = null, string? Origin = null);

/// <summary>What asks for captures; values of the label <c>trigger</c>.</summary>
public static class TriggerKinds
{
    public const string Rule = "rule";
    public const string Person = "person";
    public const string Schedule = "schedule";
    public const string Alert = "alert";
    public const string Control = "control";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Rule, Person, Schedule, Alert, Control];
}

/// <summary>What is to be captured on a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Gpus">Indices of GPUs; empty for every GPU.</param>
/// <param name="Uuids">UUIDs of GPUs, in addition to <paramref name="Gpus"/>.</param>
/// <param name="Job">Only GPUs that this job uses (SLURM_JOB_ID or another scheduler's id); empty for any.</param>
/// <param name="Pid">Only this process of the node; null for every process of the GPUs.</param>
public sealed record CaptureTarget(string Node, IReadOnlyList<int>? Gpus = null, IReadOnlyList<string>? Uuids = null, string Job = "", long? Pid = null)
{
    public IReadOnlyList<int> Gpus { get; init => field = value ?? []; } = Gpus ?? [];

    public IReadOnlyList<string> Uuids { get; init => field = value ?? []; } = Uuids ?? [];

    public string Job { get; init => field = value ?? ""; } = Job ?? "";
}

/// <summary>The profilers; values of the label <c>profiler</c>, never renamed.</summary>
public static class ProfilerNames
{
    /// <summary>The agent's own counters at full rate around the moment; goes with every capture.</summary>
    public const string Counters = "counters";

    /// <summary>Nsight Systems over the whole node, without touching the job.</summary>
    public const string NsysSystem = "nsys_system";

    /// <summary>Nsight Systems in a session that the job was started under.</summary>
    public const string NsysSession = "nsys_session";

    /// <summary>PyTorch's own profiler, asked over the on-demand protocol.</summary>
    public const string Kineto = "kineto";

    /// <summary>Nsight Compute; only for commands started under it.</summary>
    public const string Ncu = "ncu";

    /// <summary>Every profiler.</summary>
    public static IReadOnlyList<string> All { get; } = [Counters, NsysSystem, NsysSession, Kineto, Ncu];
}
