using System.Text.Json;
using Monitoring.Collector.Storage;
using Monitoring.Contracts.Events;
using Monitoring.Segments;

namespace Monitoring.Collector.Events;

/// <summary>The events of all nodes, each once, oldest given up first.</summary>
internal sealed partial class EventStore(IRecordLog log, EventSettings settings, TimeProvider time, ILogger<EventStore> logger)
    : RecordStore<IncomingEvent, EventMarks>(log, new RecordLimits("events", settings.MaxAge, settings.MaxPendingBytes, TakesLate: false), time)
{
    // A thousand events of the largest size would take too much memory for one answer.
    private static readonly RecordPaging Paging = new(MostBytes: 8 << 20, ReadAtOnce: 50);

    /// <inheritdoc/>
    public override EventTally Tally { get; } = new();

    /// <summary>A page of the events that are asked for, newest first.</summary>
    public RecordPage Query(EventQuery query) =>
        Reader.Query(new EventMarks.Sought(query), query.After, query.Limit, 0, Paging, json => Shown(query, json));

    /// <summary>The event with an id as JSON; null where it is not kept.</summary>
    public ReadOnlyMemory<byte>? Find(string id) => Reader.Find(RecordKey.Of(id));

    /// <summary>
    /// The events from a place on as JSON, oldest first, each once, as far as they are safe now: what a sink that keeps its place reads.
    /// Places rise and may have gaps; they stay the same over restarts.
    /// </summary>
    public IEnumerable<SegmentRecord> Read(ulong fromSequence) => Reader.Read(fromSequence);

    /// <summary>Takes an event of the collector's own, which nobody waits for and nobody sends again: one that cannot be written is lost.</summary>
    public void Add(EventRecord record) => _ = AppendAsync([new IncomingEvent(EventMarks.EntryOf(record), EventLabels.Of(record), EventJson.Write(record))]);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsDurable) LogMemoryOnly(settings.MaxMemoryBytes);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override RecordEntry<EventMarks>? ReadEntry(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var record = EventJson.Read(payload.Span);
            Tally.Accept(EventLabels.Of(record), 0);
            return EventMarks.EntryOf(record);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override string FullFault(long waitingBytes) =>
        $"{waitingBytes} bytes of events wait for the disk already, events.max_pending_bytes allows {settings.MaxPendingBytes}";

    /// <inheritdoc/>
    protected override void LogRecovered(int unreadable, TimeSpan took)
    {
        if (unreadable > 0) LogUnreadable(unreadable);
        if (IsDurable) LogRecovered(Count, SizeBytes, took);
    }

    private static ReadOnlyMemory<byte>? Shown(EventQuery query, ReadOnlyMemory<byte> json)
    {
        try
        {
            if (query.Matches(EventJson.Read(json.Span))) return json;
        }
        catch (JsonException)
        {
            // Another version's, which nothing can be said of.
        }

        return null;
    }

    [LoggerMessage(EventId = 5000, Level = LogLevel.Warning, Message = "There is no state directory: events are kept in memory alone, at most {Bytes} bytes, and are gone when the collector ends. Set state_directory, or start it under systemd with StateDirectory=.")]
    private partial void LogMemoryOnly(long bytes);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "{Count} events in {Bytes} bytes are kept; they were read in {Took}.")]
    private partial void LogRecovered(long count, long bytes, TimeSpan took);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "{Count} events on disk were written by something else or another version and are passed over.")]
    private partial void LogUnreadable(int count);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Error, Message = "The events on disk could not be read; no events are taken until the collector is started again. Metrics are not affected.")]
    protected override partial void LogRecoveryFailed(Exception exception);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Error, Message = "Events cannot be written; their senders keep them and try again. Look at the room and the rights of the state directory.")]
    protected override partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Information, Message = "Events can be written again.")]
    protected override partial void LogWorksAgain();
}
