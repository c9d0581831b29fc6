using Monitoring.Collector.Storage;

namespace Monitoring.Collector.Events;

/// <summary>An event that was found good, on its way into the store.</summary>
/// <param name="Entry">What the index keeps of it.</param>
/// <param name="Labels">What it is counted by.</param>
/// <param name="Json">The event as its sender wrote it, on one line; one that is dated ahead with the time at which it came.</param>
/// <param name="IsAhead">Whether it is dated later than it came.</param>
internal sealed record IncomingEvent(RecordEntry<EventMarks> Entry, EventLabels Labels, ReadOnlyMemory<byte> Json, bool IsAhead = false) : IRecord<EventMarks>
{
    /// <inheritdoc/>
    public long Bytes => Json.Length;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Write() => Json;
}
