using Monitoring.Agent.Devices.Sockets;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>A configuration that waits for one process to ask; handed out once at most.</summary>
internal sealed class KinetoOffer(KinetoProcess process, byte[] configuration, long until)
{
    private const int Waiting = 0;
    private const int Sending = 1;
    private const int Over = 2;

    private readonly TaskCompletionSource<bool> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int state;

    /// <summary>Whom it is for.</summary>
    internal KinetoProcess Process => process;

    internal ReadOnlySpan<byte> Configuration => configuration;

    /// <summary>The monotonic time after which it must not be handed out, since the others would have begun by then.</summary>
    internal long Until => until;

    /// <summary>True once it was handed out, false once it cannot be any more.</summary>
    internal Task<bool> Handed => outcome.Task;

    /// <summary>Takes it for one try to send it; false where somebody else has or had it.</summary>
    internal bool TryTake() => Interlocked.CompareExchange(ref state, Sending, Waiting) == Waiting;

    /// <summary>How the try went: a full queue leaves it for the next time that the process asks.</summary>
    internal void Tried(DatagramSend result)
    {
        if (result == DatagramSend.Full)
        {
            Volatile.Write(ref state, Waiting);
            return;
        }
        Volatile.Write(ref state, Over);
        outcome.TrySetResult(result == DatagramSend.Sent);
    }

    /// <summary>Takes it back; false where it is being or was handed out, which <see cref="Handed"/> then says.</summary>
    internal bool Withdraw()
    {
        if (Interlocked.CompareExchange(ref state, Over, Waiting) != Waiting) return false;
        outcome.TrySetResult(false);
        return true;
    }
}
