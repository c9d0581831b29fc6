namespace Monitoring.Agent.Detection.Health;

/// <summary>How the node is: what the API answers, what metrics show and what <c>gpu-agent check</c> judges by.</summary>
/// <param name="EvaluatedAt">When health was last looked at; an old one means that detection stands still.</param>
/// <param name="State">The worst of everything below.</param>
/// <param name="Components">Components of the node as a whole.</param>
/// <param name="Gpus">The GPUs that are there, and those gone that have reasons; by index.</param>
/// <param name="DroppedReasons">Reasons that found no room since the agent was started.</param>
internal sealed record NodeHealth(
    string Cluster, string Node, string BootId, DateTimeOffset EvaluatedAt, HealthState State,
    IReadOnlyList<ComponentHealth> Components, IReadOnlyList<GpuHealth> Gpus, long DroppedReasons = 0);

/// <summary>How a GPU is.</summary>
/// <param name="Index">NVML index; null where it was never known.</param>
/// <param name="IsPresent">False for one that the driver no longer shows.</param>
/// <param name="DataAgeSeconds">Age of its newest readings; null where there are none.</param>
internal sealed record GpuHealth(
    int? Index, string Uuid, string Serial, string PciBusId, string Model, bool IsPresent, HealthState State,
    IReadOnlyList<ComponentHealth> Components, double? DataAgeSeconds = null);

/// <summary>How a component is; without reasons it is healthy.</summary>
/// <param name="Component">One of <see cref="Detection.Components"/>.</param>
/// <param name="State">The worst of its reasons.</param>
internal sealed record ComponentHealth(string Component, HealthState State, IReadOnlyList<HealthReason> Reasons);

/// <summary>Why a component is not healthy. The same cause again counts up and makes no second reason.</summary>
internal sealed record HealthReason
{
    /// <summary>What tells it from the other reasons of the component: <c>rule:NAME</c> with the instance, or <c>KIND:CODE</c> of an event.</summary>
    public required string Cause { get; init; }

    public required HealthState State { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Text { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it was last seen to happen.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>How many times it happened since it began.</summary>
    public long Count { get; init; } = 1;

    /// <summary>Id of the event that said so last; null for a rule that makes none.</summary>
    public string? EventId { get; init; }

    /// <summary>The rule that said so, or that fired for the event which did; null for an event of a source that no rule looks at.</summary>
    public string? Rule { get; init; }

    public string SuggestedAction { get; init; } = "";

    public string Runbook { get; init; } = "";

    public required ClearedBy ClearedBy { get; init; }

    /// <summary>True while its condition holds: only then does it have no end in sight.</summary>
    public bool IsHolding { get; init; }

    /// <summary>When time clears it; null where something else must, or while its condition holds.</summary>
    public DateTimeOffset? ClearsAt { get; init; }

    /// <summary>What clears it, in words.</summary>
    public string Clearing => ClearedBy switch
    {
        _ when ClearsAt is { } at => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"clears at {at:yyyy-MM-ddTHH:mm:ssZ} if it does not happen again"),
        ClearedBy.Condition => "clears when the condition ends",
        ClearedBy.Time => "clears some time after the condition ended",
        ClearedBy.Reset => "clears by a reset of the GPU or a reload of the driver",
        ClearedBy.Reboot => "clears by a reboot of the node",
        _ => "clears when a person says so",
    };
}
