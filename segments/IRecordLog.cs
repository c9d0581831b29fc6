namespace Monitoring.Segments;

/// <summary>A log of records in order: on disk (<see cref="SegmentLog"/>), or wherever an owner keeps them in its place.</summary>
public interface IRecordLog : IDisposable
{
    /// <summary>The lowest number that a record may still have; that of the next one where there is none.</summary>
    ulong FirstSequence { get; }

    /// <summary>The number that the next record gets; every record has a lower one.</summary>
    ulong NextSequence { get; }

    /// <summary>Bytes that it holds.</summary>
    long Bytes { get; }

    /// <summary>Appends a record; it is safe after the next <see cref="Flush"/>.</summary>
    /// <returns>Its sequence.</returns>
    /// <exception cref="IOException">It cannot be written, as on a full disk: nothing was appended, and a later call may succeed.</exception>
    /// <exception cref="ArgumentException">The payload is too long for this log.</exception>
    ulong Append(byte type, ReadOnlySpan<byte> payload);

    /// <summary>Makes everything safe that was appended.</summary>
    /// <exception cref="IOException">The records since the last flush must be appended once more.</exception>
    void Flush();

    /// <summary>Deletes what is over the age limit; the owner calls it now and then.</summary>
    void Retain();

    /// <summary>The records from a number on, in order, as they were when the call was made.</summary>
    IEnumerable<SegmentRecord> Read(ulong from = 0);
}
