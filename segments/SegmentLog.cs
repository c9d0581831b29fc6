using Microsoft.Win32.SafeHandles;
using Monitoring.Segments.Posix;

namespace Monitoring.Segments;

/// <summary>
/// An append-only log of checksummed records in files of bounded size. One thread at a time appends; any thread reads meanwhile. What
/// was flushed survives a power cut, what was appended survives the death of the process. The oldest segments are deleted whole.
/// </summary>
public sealed class SegmentLog : IRecordLog
{
    // A segment is closed after this share of the age limit, so that age can delete in steps.
    private const int AgeSteps = 8;

    private readonly SegmentLogOptions options;
    private readonly TimeProvider time;
    private readonly FileStream directoryLock;
    private readonly Lock gate = new(); // guards segments, their lengths and damages
    private readonly List<SegmentFile> segments;
    private readonly Dictionary<string, SegmentDamage> damages = new(StringComparer.Ordinal);
    private SafeFileHandle? active; // the last segment; null until something is to be appended
    private bool isStarting;
    private bool isStartDue;
    private bool isCutDue;
    private bool isFlushLost;

    private SegmentLog(string directory, SegmentLogOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        DirectoryPath = directory;
        PrivateDirectory.Create(directory);
        directoryLock = LockDirectory(directory);
        try
        {
            var found = SegmentDirectory.Read(directory, Damaged);
            segments = found.Segments;
            NextSequence = found.NextSequence;
            FlushedSequence = found.NextSequence - 1;
            TornRecords = found.TornRecords;
            if (found.LastIsWhole)
            {
                active = File.OpenHandle(segments[^1].Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
                // A process that died between append and flush leaves records that a power cut could still take; whoever opens relies on them.
                RandomAccess.FlushToDisk(active);
            }
        }
        catch
        {
            active?.Dispose();
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>The directory, as it was given.</summary>
    public string DirectoryPath { get; }

    /// <summary>The number that the next record gets; every record has a lower one.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>The last record that was flushed.</summary>
    public ulong FlushedSequence { get; private set; }

    /// <summary>Records that were cut off while they were written, found at opening.</summary>
    public int TornRecords { get; }

    /// <summary>The lowest number that a record may still have.</summary>
    public ulong FirstSequence
    {
        get
        {
            lock (gate) return segments is [var first, ..] ? first.First : NextSequence;
        }
    }

    /// <summary>Bytes of all segments that can be read.</summary>
    public long Bytes
    {
        get
        {
            lock (gate) return segments.Sum(static segment => segment.Length);
        }
    }

    /// <summary>Number of segments that can be read.</summary>
    public int SegmentCount
    {
        get
        {
            lock (gate) return segments.Count;
        }
    }

    /// <summary>Every damage that was found, at opening and since.</summary>
    public IReadOnlyList<SegmentDamage> Damages
    {
        get
        {
            lock (gate) return [.. damages.Values];
        }
    }

    /// <summary>Opens the log of a directory, which is made where it does not exist; a torn last record is cut off.</summary>
    /// <exception cref="IOException">Another process has it open, or it cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static SegmentLog Open(string directory, SegmentLogOptions options, TimeProvider time)
    {
        options.Check();
        return new SegmentLog(directory, options, time);
    }

    /// <summary>Appends a record; it is on disk after the next <see cref="Flush"/>.</summary>
    /// <returns>Its sequence.</returns>
    /// <exception cref="IOException">It cannot be written, as on a full disk: nothing was appended, and a later call may succeed.</exception>
    /// <exception cref="ArgumentException">The payload is longer than a segment.</exception>
    public ulong Append(byte type, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > options.MaximumPayloadBytes)
            throw new ArgumentException($"A payload of {payload.Length} bytes is over the limit of {options.MaximumPayloadBytes} of this log.");
        var bytes = SegmentFormat.RecordHeaderBytes + payload.Length;
        if (!isStarting && IsSegmentDue(bytes)) Rotate();
        if (!isStarting && isStartDue) Announce();
        var record = new byte[bytes];
        SegmentFormat.WriteRecord(record, NextSequence, type, payload);
        Write(record);
        return NextSequence++;
    }

    /// <summary>Puts everything that was appended on disk.</summary>
    /// <exception cref="IOException">
    /// The disk refuses. Whether the records since <see cref="FlushedSequence"/> are on disk is not known and will not be found out by
    /// flushing again: the owner appends them once more, into a new segment that the next append begins.
    /// </exception>
    public void Flush()
    {
        if (active is null || FlushedSequence == NextSequence - 1) return;
        try
        {
            RandomAccess.FlushToDisk(active);
        }
        catch (IOException)
        {
            isFlushLost = true;
            throw;
        }
        FlushedSequence = NextSequence - 1;
    }

    /// <summary>Begins a new segment, after deleting the oldest as far as limits ask for it.</summary>
    /// <exception cref="IOException">It cannot be made; the log is as before.</exception>
    public void Rotate()
    {
        if (!isFlushLost) Flush();
        DeleteOldest(options.UsedSegmentBytes);
        var path = Path.Combine(DirectoryPath, SegmentFormat.FileName(NextSequence));
        var created = time.GetUtcNow();
        var begun = Begin(path, created);
        lock (gate) segments.Add(new SegmentFile(path, NextSequence, created, SegmentFormat.HeaderBytes));
        active?.Dispose();
        active = begun;
        isCutDue = isFlushLost = false;
        isStartDue = true;
        Announce();
    }

    /// <summary>Deletes segments over the age limit, but never the one being written; the owner calls it now and then.</summary>
    public void Retain() => DeleteOldest(0);

    /// <summary>The records from a number on, in order, as they were when the call was made; damaged parts are left out and told.</summary>
    public IEnumerable<SegmentRecord> Read(ulong from = 0)
    {
        List<(string Path, ulong First, long Length)> parts;
        lock (gate)
        {
            var start = Math.Max(0, segments.FindLastIndex(segment => segment.First <= from));
            parts = [.. segments.Skip(start).Select(static segment => (segment.Path, segment.First, segment.Length))];
        }
        return Read(parts, from);
    }

    /// <summary>Flushes as far as the disk lets it, and gives the directory back.</summary>
    public void Dispose()
    {
        try
        {
            Flush();
        }
        catch (IOException)
        {
            // The owner was told by its own last Flush; nobody is left to act on it.
        }
        active?.Dispose();
        directoryLock.Dispose();
    }

    private static FileStream LockDirectory(string directory)
    {
        var path = Path.Combine(directory, "lock");
        try
        {
            // FileShare.None is flock(2) on Linux: the kernel gives it back when the process dies, however it dies.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException fault) when (File.Exists(path))
        {
            throw new IOException($"{directory} is in use by another process, which holds {path}.", fault);
        }
    }

    private IEnumerable<SegmentRecord> Read(List<(string Path, ulong First, long Length)> parts, ulong from)
    {
        foreach (var (path, first, length) in parts)
        {
            using var reader = SegmentReader.Open(path, first, length);
            if (reader is null) continue; // deleted meanwhile
            while (reader.TryRead(out var record))
                if (record.Sequence >= from) yield return record;
            if (reader.Damage is { } damage) Damaged(new SegmentDamage(path, reader.Offset, damage));
        }
    }

    private bool IsSegmentDue(int bytes) =>
        active is null || isFlushLost || segments[^1].Length + bytes > options.UsedSegmentBytes
        || (options.MaximumAge < TimeSpan.MaxValue && segments[^1].Length > SegmentFormat.HeaderBytes
            && time.GetUtcNow() - segments[^1].Created > options.MaximumAge / AgeSteps);

    private void Write(byte[] record)
    {
        var segment = segments[^1];
        try
        {
            if (isCutDue) RandomAccess.SetLength(active!, segment.Length);
            isCutDue = false;
            RandomAccess.Write(active!, record, segment.Length);
        }
        catch (IOException)
        {
            isCutDue = true;
            TryCut(segment.Length);
            throw;
        }
        lock (gate) segment.Length += record.Length;
    }

    /// <summary>Takes away what was written of a record; where even that fails, the next append tries again.</summary>
    private void TryCut(long length)
    {
        try
        {
            RandomAccess.SetLength(active!, length);
            isCutDue = false;
        }
        catch (IOException)
        {
        }
    }

    private SafeFileHandle Begin(string path, DateTimeOffset created)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
            var header = new byte[SegmentFormat.HeaderBytes];
            SegmentFormat.WriteHeader(header, NextSequence, created);
            RandomAccess.Write(handle, header, 0);
            RandomAccess.FlushToDisk(handle);
            DirectorySync.Flush(DirectoryPath);
            return handle;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (handle is not null)
            {
                handle.Dispose();
                File.Delete(path);
            }
            throw new IOException($"{path}: {fault.Message}", fault) { HResult = fault.HResult };
        }
    }

    private void Announce()
    {
        isStarting = true;
        try
        {
            options.SegmentStarted?.Invoke(this);
            isStartDue = false;
        }
        finally
        {
            isStarting = false;
        }
    }

    /// <summary>Deletes the oldest segments, the last one excepted, until there is room for so many bytes more and none is too old.</summary>
    private void DeleteOldest(long room)
    {
        // The last one may be deleted by nobody: it holds the owner's newest state.
        while (segments.Count > 1)
        {
            var (oldest, next) = (segments[0], segments[1]);
            RetentionReason reason;
            if (Bytes + room > options.MaximumBytes) reason = RetentionReason.Bytes;
            // What the oldest holds was appended before the next one was begun.
            else if (options.MaximumAge < TimeSpan.MaxValue && time.GetUtcNow() - next.Created > options.MaximumAge) reason = RetentionReason.Age;
            else return;
            File.Delete(oldest.Path);
            lock (gate) segments.RemoveAt(0);
            options.SegmentDeleted?.Invoke(new DeletedSegment(oldest.Path, oldest.First, next.First, reason));
        }
    }

    private void Damaged(SegmentDamage damage)
    {
        lock (gate)
            if (!damages.TryAdd(damage.Path, damage)) return;
        options.Damaged?.Invoke(damage);
    }
}
