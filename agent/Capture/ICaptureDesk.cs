using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>Where captures are asked for and taken back, by a person or a command of the collector; what was answered is on disk.</summary>
internal interface ICaptureDesk
{
    /// <summary>Asks for a capture. The same id asked for again is answered as before and taken once.</summary>
    CaptureAnswer Request(CaptureRequest request);

    /// <summary>Takes a capture back: out of the queue, or ends it and throws away what it has.</summary>
    /// <returns>Words for a person; null where no capture of this id waits or runs.</returns>
    string? Cancel(string id);

    /// <summary>The newest word about a capture; null for one that is not known (any more).</summary>
    CaptureProgress? Progress(string id);

    /// <summary>The newest word about every capture that is known, oldest first: what a listener that begins late starts from.</summary>
    IReadOnlyList<CaptureProgress> All();
}

/// <summary>The answer to a request.</summary>
/// <param name="Id">The capture.</param>
/// <param name="Refusal">Why it is not taken; null where it is.</param>
/// <param name="Words">The same for a person and for an event: <c>accepted: ID</c>, <c>refused: cooldown: ...</c>.</param>
internal sealed record CaptureAnswer(string Id, CaptureRefusal? Refusal, string Words)
{
    internal bool IsAccepted => Refusal is null;
}
