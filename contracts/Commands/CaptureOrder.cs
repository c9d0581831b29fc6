using Monitoring.Contracts.Captures;

namespace Monitoring.Contracts.Commands;

/// <summary>
/// What a person posts to <c>/api/v1/captures</c>: a wish for captures on one node, several, or those that a selector finds. What is
/// null or empty takes the collector's default.
/// </summary>
public sealed record CaptureOrder
{
    /// <summary>A node.</summary>
    public string? Node { get; init; }

    /// <summary>Several nodes.</summary>
    public IReadOnlyList<string>? Nodes { get; init; }

    /// <summary>Indices of GPUs, the same on each node; none for every GPU.</summary>
    public IReadOnlyList<int>? Gpus { get; init; }

    /// <summary>UUIDs of GPUs.</summary>
    public IReadOnlyList<string>? Uuids { get; init; }

    /// <summary>Id of a job: its GPUs, wherever they are.</summary>
    public string? Job { get; init; }

    /// <summary>True for every node that is connected.</summary>
    public bool All { get; init; }

    /// <summary>The same as one text: <c>node=gpu-1*,gpu=3</c>, <c>job=4711</c> or <c>all</c>.</summary>
    public string? Selector { get; init; }

    /// <summary>Only this process of the node.</summary>
    public long? Pid { get; init; }

    /// <summary>How long to record, seconds.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>Profilers in order of preference.</summary>
    public IReadOnlyList<string>? Profilers { get; init; }

    /// <summary>When to begin, the same instant everywhere.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Who asks.</summary>
    public string? By { get; init; }

    /// <summary>Why, one line.</summary>
    public string? Reason { get; init; }

    /// <summary>True to keep what comes of it whatever the limits of age and bytes say.</summary>
    public bool Pin { get; init; }

    /// <summary>True to take a healthy GPU of the same job as well.</summary>
    public bool Control { get; init; }

    /// <summary>True to sample the processors too.</summary>
    public bool CpuSampling { get; init; }

    /// <summary>True to take it though the cluster's budget is spent.</summary>
    public bool Force { get; init; }
}

/// <summary>What became of a wish.</summary>
/// <param name="Group">What its captures have in common.</param>
/// <param name="StartAt">When they begin; null for at once.</param>
/// <param name="Captures">One for each node.</param>
public sealed record CaptureOrderAnswer(string Group, DateTimeOffset? StartAt, IReadOnlyList<OrderedCapture> Captures);

/// <summary>A capture of a wish on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Id">Id of the capture; empty where it was refused.</param>
/// <param name="Refusal">Why it was refused; null where it was taken.</param>
/// <param name="Words">The same for a person.</param>
/// <param name="ControlOf">Id of the capture that it is the control of; null for none.</param>
public sealed record OrderedCapture(string Node, string Id, CaptureRefusal? Refusal = null, string Words = "", string? ControlOf = null);

/// <summary>A group of captures with where each of them stands.</summary>
public sealed record CaptureGroup(string Group, DateTimeOffset RequestedAt, DateTimeOffset? StartAt, bool IsOver, IReadOnlyList<CaptureGroupMember> Captures);

/// <summary>A capture of a group.</summary>
/// <param name="Progress">Where it stands; null where the node has not spoken of it yet.</param>
public sealed record CaptureGroupMember(string Node, string Id, CaptureRefusal? Refusal, string Words, string? ControlOf, CaptureProgress? Progress);

/// <summary>A request that the collector does not do as it is.</summary>
/// <param name="Reason">In a word.</param>
/// <param name="Error">What is wrong with which value, and the remedy.</param>
/// <param name="Problems">Every mistake, where there are several.</param>
public sealed record CommandError(string Reason, string Error, IReadOnlyList<FieldProblem>? Problems = null);

/// <summary>A mistake in a request.</summary>
/// <param name="Field">The field.</param>
/// <param name="Value">What was found.</param>
/// <param name="Expected">What is allowed.</param>
public sealed record FieldProblem(string Field, string Value, string Expected)
{
    /// <summary>The mistake as one line.</summary>
    public override string ToString() => $"{Field} is '{Value}', expected {Expected}";
}
