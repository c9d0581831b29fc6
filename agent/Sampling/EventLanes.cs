using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// The lane of the driver's events, and those before it that a driver call still holds: at most one more than there are GPUs, each of
/// which may hold one. <see cref="All"/> may be read by anyone, the rest belongs to the inventory's thread.
/// </summary>
/// <param name="callDeadline">How long a driver call may last.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets what goes wrong.</param>
internal sealed partial class EventLanes(TimeSpan callDeadline, TimeProvider time, ILogger logger)
{
    private EventLane[] all = [];

    /// <summary>Oldest first; the last is the one that waits for events, unless it was asked to end.</summary>
    internal EventLane[] All => Volatile.Read(ref all);

    /// <summary>Why no event can come, for people; empty while one can, and without a lane.</summary>
    internal string Trouble => All is not [.., var current] ? ""
        : IsHeld(current) ? $"{NvmlLibrary.SymbolOf(current.Clock.Call)} does not come back"
        : current.IsAskedToEnd ? "" : current.Trouble;

    /// <summary>Sees to it that a lane waits for events, whatever holds the one before.</summary>
    /// <param name="library">The driver's library.</param>
    /// <param name="lanes">The lanes of the GPUs as they are.</param>
    /// <param name="events">Gets what the driver tells.</param>
    internal void Follow(NvmlLibrary library, Func<GpuLane[]> lanes, DriverEvents events)
    {
        DropEnded();
        if (all is [.., { IsAskedToEnd: false } current])
        {
            // In a wait that does not end the next lane would stand as well.
            if (!IsHeld(current) || current.Clock.Call == NvmlCall.EventSetWait_v2 || all.Length > lanes().Length) return;
            if (current.Registering is { } holder) LogHeld(holder.Index, holder.Uuid);
            else LogHeld(NvmlLibrary.SymbolOf(current.Clock.Call));
            current.AskToEnd();
        }
        if (all.Length > lanes().Length) return;
        var next = new EventLane(library, lanes, HoldsALane, events, time, logger);
        Volatile.Write(ref all, [.. all, next]);
        next.Start();
    }

    /// <summary>Forgets the lanes that have ended.</summary>
    internal void DropEnded()
    {
        if (Array.Exists(all, static lane => lane.HasEnded)) Volatile.Write(ref all, Array.FindAll(all, static lane => !lane.HasEnded));
    }

    /// <summary>Asks every lane to end.</summary>
    internal void AskToEnd()
    {
        foreach (var lane in All) lane.AskToEnd();
    }

    /// <summary>Waits until every lane ended, or as long as <paramref name="patience"/> lasts.</summary>
    internal void WaitForEnd(Func<TimeSpan> patience)
    {
        foreach (var lane in All) lane.WaitForEnd(patience());
    }

    // A wait that nothing ends lasts as long as it may.
    private bool IsHeld(EventLane lane) => lane.Clock.InProgress > callDeadline + EventLane.WaitAtMost;

    private bool HoldsALane(GpuIdentity gpu) => Array.Exists(All, lane => lane.IsAskedToEnd && lane.Registering?.Uuid == gpu.Uuid);

    [LoggerMessage(EventId = 1215, Level = LogLevel.Warning, Message = "GPU {Gpu} ({Uuid}) was asked for its events and does not answer: the events of the others are waited for without it.")]
    private partial void LogHeld(int gpu, string uuid);

    [LoggerMessage(EventId = 1216, Level = LogLevel.Warning, Message = "{Call}, which tells of the driver's events, does not come back: they are waited for anew.")]
    private partial void LogHeld(string call);
}
