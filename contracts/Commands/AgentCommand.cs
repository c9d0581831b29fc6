using Monitoring.Contracts.Captures;

namespace Monitoring.Contracts.Commands;

/// <summary>
/// What the collector tells an agent, over a stream that the agent opened (server-sent events at <c>/v1/commands?node=NAME</c>, the id
/// of an event being <see cref="Sequence"/>): exactly one of the parts is set. A command is told until the agent has spoken of it
/// or it expires, so the same one may come twice.
/// </summary>
/// <param name="Sequence">Rises with every command to the node; what the agent sends as Last-Event-ID to go on after it.</param>
public sealed record AgentCommand(long Sequence)
{
    /// <summary>Take a capture.</summary>
    public CaptureRequest? Capture { get; init; }

    /// <summary>Take back the capture of this id: remove it from the queue, or end it and throw away what it has.</summary>
    public string? Cancel { get; init; }
}

/// <summary>An agent asks at <c>/v1/captures/leases</c> whether the cluster's budget has room for a capture that a rule wants.</summary>
/// <param name="Capture">Id of the capture; the same answer is given however often it is asked for.</param>
/// <param name="Gpu">UUID of the GPU; empty for the node.</param>
/// <param name="Job">The job of the GPU; empty where unknown.</param>
/// <param name="WantsControl">True to have the collector take a healthy GPU of the same job on another node as control.</param>
/// <param name="Profilers">The profilers that the control shall use too; empty leaves the choice to its node.</param>
public sealed record CaptureLeaseRequest(
    string Capture, string Cluster, string Node, string Rule, string Gpu = "", string Job = "", double DurationSeconds = 0, bool WantsControl = false, IReadOnlyList<string>? Profilers = null)
{
    public IReadOnlyList<string> Profilers { get; init => field = value ?? []; } = Profilers ?? [];
}

/// <summary>The answer to a <see cref="CaptureLeaseRequest"/>.</summary>
/// <param name="Granted">True where the capture may be taken.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Words">The same for a person, with the numbers.</param>
public sealed record CaptureLeaseAnswer(bool Granted, CaptureRefusal? Refusal = null, string Words = "");
