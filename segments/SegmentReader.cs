using Microsoft.Win32.SafeHandles;

namespace Monitoring.Segments;

/// <summary>Reads the records of one segment from its start, through a handle of its own, until they end or are damaged.</summary>
internal sealed class SegmentReader : IDisposable
{
    private const int WindowBytes = 64 << 10;

    private readonly SafeFileHandle handle;
    private readonly long length;
    private byte[] window = new byte[WindowBytes];
    private long windowStart;
    private int windowBytes;

    private SegmentReader(SafeFileHandle handle, ulong first, long length)
    {
        this.handle = handle;
        this.length = length;
        Expected = first;
    }

    /// <summary>Sequence of the record that comes next.</summary>
    internal ulong Expected { get; private set; }

    /// <summary>Bytes that were read well.</summary>
    internal long Offset { get; private set; } = SegmentFormat.HeaderBytes;

    /// <summary>Why it cannot be read further; null at its end.</summary>
    internal string? Damage { get; private set; }

    /// <summary>Opens a segment; null for a file that is gone.</summary>
    /// <param name="length">Bytes of it that count; null takes the file as it is.</param>
    internal static SegmentReader? Open(string path, ulong first, long? length)
    {
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new SegmentReader(handle, first, length ?? RandomAccess.GetLength(handle));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads the next record.</summary>
    internal bool TryRead(out SegmentRecord record)
    {
        record = default;
        if (Damage is not null || Offset >= length) return false;
        if (!Fill(SegmentFormat.RecordHeaderBytes)) return Ends("a record is cut off");
        var bytes = SegmentFormat.RecordLength(At(SegmentFormat.RecordHeaderBytes), Expected);
        if (bytes == 0) return Ends("a record's header is damaged");
        if (!Fill(bytes)) return Ends("a record is cut off");
        var whole = At(bytes);
        if (!SegmentFormat.IsWhole(whole)) return Ends("a record's checksum is wrong");
        record = new SegmentRecord(Expected, whole[16], whole[SegmentFormat.RecordHeaderBytes..].ToArray());
        Offset += bytes;
        Expected++;
        return true;
    }

    /// <summary>True when a whole record stands somewhere after the damage: then it is no record that was cut off while being written.</summary>
    internal bool HasRecordsBeyond()
    {
        var rest = new byte[Math.Min(length - Offset, int.MaxValue / 2)];
        var read = RandomAccess.Read(handle, rest, Offset);
        var last = Expected + SegmentFormat.MostRecords(read);
        for (var at = 1; at + SegmentFormat.RecordHeaderBytes <= read; at++)
        {
            var here = rest.AsSpan(at, read - at);
            if (SegmentFormat.Sequence(here) is var sequence && sequence > Expected && sequence <= last
                && SegmentFormat.RecordLength(here, sequence) is var bytes && bytes > 0 && bytes <= here.Length && SegmentFormat.IsWhole(here[..bytes]))
                return true;
        }
        return false;
    }

    public void Dispose() => handle.Dispose();

    private bool Ends(string why)
    {
        Damage ??= why;
        return false;
    }

    private ReadOnlySpan<byte> At(int bytes) => window.AsSpan((int)(Offset - windowStart), bytes);

    /// <summary>Has so many bytes from <see cref="Offset"/> on in the window; false where the segment has less.</summary>
    private bool Fill(int bytes)
    {
        if (Offset + bytes > length) return false;
        if (Offset >= windowStart && Offset + bytes <= windowStart + windowBytes) return true;
        if (bytes > window.Length) window = new byte[bytes];
        windowStart = Offset;
        windowBytes = 0;
        try
        {
            while (windowBytes < bytes)
            {
                var read = RandomAccess.Read(handle, window.AsSpan(windowBytes), windowStart + windowBytes);
                if (read == 0) return false;
                windowBytes += read;
            }
            return true;
        }
        catch (IOException fault)
        {
            Damage = fault.Message;
            return false;
        }
    }
}
