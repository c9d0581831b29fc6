namespace Monitoring.Agent.Detection;

/// <summary>
/// Something that sees incidents by itself. It works on a thread of its own, puts what it sees into the queue, and after what it put,
/// its cursor. It never throws out of its thread: what it cannot read is said once in the log and tried again.
/// </summary>
internal interface IEventSource
{
    /// <summary>Its name in evidence, cursors and metrics.</summary>
    string Name { get; }

    /// <summary>Why it sees nothing, for people; empty while it works.</summary>
    string Trouble { get; }

    /// <summary>False while nothing is to be seen by it, such as a log that this node does not have.</summary>
    bool IsInUse => true;

    /// <summary>What it lost, and why, as a label; null for a source that loses nothing.</summary>
    (string Reason, long Count)? Dropped => null;

    /// <summary>Starts.</summary>
    /// <param name="queue">Where to put what it sees.</param>
    /// <param name="cursor">The last cursor of it that reached the disk; null for none.</param>
    void Start(SightingQueue queue, string? cursor);

    /// <summary>Asks it to end and waits a little.</summary>
    void Stop();
}
