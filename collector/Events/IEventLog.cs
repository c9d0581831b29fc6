namespace Monitoring.Collector.Events;

/// <summary>
/// Where events lie, in the order in which they came. One writer appends, flushes and trims; readers may read at the same time.
/// </summary>
internal interface IEventLog : IDisposable
{
    /// <summary>Place of the oldest event that is kept; the one that follows the newest where there is none.</summary>
    long FirstSequence { get; }

    /// <summary>Room that the events take.</summary>
    long SizeBytes { get; }

    /// <summary>Whether events outlive the process.</summary>
    bool IsDurable { get; }

    /// <summary>Adds an event.</summary>
    /// <returns>Its place: greater than any before.</returns>
    /// <exception cref="IOException">There is no room, or the disk fails; what was added before stands.</exception>
    long Append(ReadOnlySpan<byte> json);

    /// <summary>Returns when everything that was appended is safe.</summary>
    /// <exception cref="IOException">It may not be safe.</exception>
    void Flush();

    /// <summary>Deletes the oldest events beyond the limits.</summary>
    /// <exception cref="IOException">They could not be deleted; the next attempt may succeed.</exception>
    void Trim();

    /// <summary>The events from a place on, oldest first, those that were appended meanwhile perhaps included.</summary>
    IEnumerable<LoggedEvent> Read(long fromSequence);
}

/// <summary>An event and its place in the log.</summary>
/// <param name="Sequence">Its place.</param>
/// <param name="Json">The event, which nobody changes any more.</param>
internal readonly record struct LoggedEvent(long Sequence, ReadOnlyMemory<byte> Json);
