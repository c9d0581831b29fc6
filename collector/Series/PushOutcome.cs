using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>What became of a push.</summary>
/// <param name="Fault">What is wrong with its bytes; nothing of it was stored then.</param>
/// <param name="Points">Points that it holds; a histogram is one.</param>
/// <param name="Rejected">How many of them were not stored.</param>
/// <param name="Reason">Why most of those were not.</param>
internal readonly record struct PushOutcome(ProtobufFault Fault, int Points, int Rejected, PointRejection Reason)
{
    /// <summary>Whether the push held more points than allowed, or far more resources, scopes and metrics; nothing of it was stored then.</summary>
    public bool HasTooManyPoints { get; init; }

    /// <summary>Points of a node that were refused for a reason.</summary>
    /// <param name="Node">The node; empty where none is named.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Points">How many.</param>
    internal readonly record struct Refused(string Node, PointRejection Reason, int Points);
}
