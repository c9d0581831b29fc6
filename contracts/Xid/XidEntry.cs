using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Xid;

/// <summary>Where the cause of an XID lies.</summary>
public enum XidOrigin
{
    /// <summary>Any of them; the code alone does not tell.</summary>
    Either,

    /// <summary>The program that used the GPU.</summary>
    Application,

    /// <summary>The board, its links or its surroundings.</summary>
    Hardware,

    /// <summary>Driver or firmware.</summary>
    Driver,
}

/// <summary>What is known of one XID.</summary>
/// <param name="Code">Its number.</param>
/// <param name="Mnemonic">NVIDIA's name of it.</param>
/// <param name="Title">What it means, a few words.</param>
/// <param name="Severity">How urgent it is where the message itself does not say.</param>
/// <param name="Origin">Where its cause lies.</param>
/// <param name="Component">The part that it affects, a value of the <c>component</c> label; empty for none.</param>
/// <param name="Immediate">NVIDIA's bucket of what recovers the system; empty for none.</param>
/// <param name="Investigate">NVIDIA's bucket of how the cause is found; empty for none.</param>
/// <param name="Architectures">Boards that raise it: a100, h100, b100, gb200.</param>
/// <param name="RecoveryFrom">First driver branch that follows it with XID 154, such as R565; <c>always</c>; empty for none.</param>
/// <param name="Runbook">Name of the runbook; empty for none.</param>
/// <param name="IsMatched">True for a code that alerts and shipped rules match.</param>
public sealed record XidEntry(
    int Code, string Mnemonic, string Title, EventSeverity Severity, XidOrigin Origin, string Component, string Immediate, string Investigate,
    IReadOnlyList<string> Architectures, string RecoveryFrom, string Runbook, bool IsMatched)
{
    /// <summary>What to do, in a sentence or two; empty where nothing is known or needs to be done.</summary>
    public string SuggestedAction { get; } = XidBuckets.Advice(Immediate, Investigate);
}
