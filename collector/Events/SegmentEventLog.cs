using Monitoring.Segments;

namespace Monitoring.Collector.Events;

/// <summary>Events on disk, in checksummed segment files of which the oldest are deleted whole.</summary>
internal sealed class SegmentEventLog : IEventLog
{
    // The only type of record so far; others are passed over.
    private const byte EventType = 1;

    private readonly SegmentLog log;

    private SegmentEventLog(SegmentLog log) => this.log = log;

    /// <inheritdoc/>
    public long FirstSequence => (long)log.FirstSequence;

    /// <inheritdoc/>
    public long SizeBytes => log.Bytes;

    /// <inheritdoc/>
    public bool IsDurable => true;

    /// <summary>Records that were cut off while they were written, found at opening.</summary>
    public int TornRecords => log.TornRecords;

    /// <summary>Opens the log in a directory, which is made where it does not exist.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="settings">Limits of size and age.</param>
    /// <param name="time">The clock.</param>
    /// <param name="damaged">Told of every damage once, by whoever reads into it.</param>
    /// <exception cref="IOException">Another process has it open, or it cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static SegmentEventLog Open(string directory, EventSettings settings, TimeProvider time, Action<SegmentDamage> damaged) => new(SegmentLog.Open(
        directory,
        new SegmentLogOptions { MaximumBytes = settings.MaxBytes, MaximumAge = settings.MaxAge, SegmentBytes = SegmentBytes(settings), Damaged = damaged },
        time));

    /// <inheritdoc/>
    public long Append(ReadOnlySpan<byte> json) => (long)log.Append(EventType, json);

    /// <inheritdoc/>
    public void Flush() => log.Flush();

    /// <inheritdoc/>
    public void Trim() => log.Retain();

    /// <inheritdoc/>
    public IEnumerable<LoggedEvent> Read(long fromSequence)
    {
        foreach (var record in log.Read((ulong)Math.Max(0, fromSequence)))
            if (record.Type == EventType) yield return new LoggedEvent((long)record.Sequence, record.Payload);
    }

    /// <inheritdoc/>
    public void Dispose() => log.Dispose();

    // A sixteenth of all goes at once where room runs out; each must hold the largest event, and few enough must be read to find one.
    private static long SegmentBytes(EventSettings settings) => Math.Clamp(settings.MaxBytes / 16, 2L * settings.MaxEventBytes, 8 << 20);
}
