namespace Monitoring.Agent.Journal;

/// <summary>An event that waits for the collector.</summary>
/// <param name="Sequence">Its place in the journal.</param>
/// <param name="Json">The event as one line of JSON, without the line's end.</param>
internal readonly record struct WaitingEvent(ulong Sequence, ReadOnlyMemory<byte> Json);

/// <summary>What shipping needs of the journal: the events that the collector does not have yet, in order.</summary>
internal interface IEventOutbox
{
    /// <summary>Number of events that wait.</summary>
    int Waiting { get; }

    /// <summary>The oldest that wait and are safe on disk.</summary>
    /// <param name="atMost">How many at most.</param>
    /// <param name="bytesAtMost">Bytes of JSON together; one event is given even if it has more.</param>
    IReadOnlyList<WaitingEvent> Oldest(int atMost, long bytesAtMost);

    /// <summary>Notes that every event up to a sequence is done with.</summary>
    void Settle(ulong sequence);

    /// <summary>Ends when an event waits.</summary>
    Task WaitAsync(CancellationToken cancellationToken);
}
