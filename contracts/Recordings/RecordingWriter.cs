using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Recordings;

/// <summary>
/// Writes a recording to a stream, for one thread. What was written is on its way to the stream only after <see cref="Flush"/>, or when
/// a block is full; a stream that fails throws, and what it took before can be played.
/// </summary>
public sealed class RecordingWriter
{
    // 5 of 11: within a tenth of the best for such data, at a small part of its cost.
    private const int BrotliQuality = 5;
    private const int BrotliWindowBits = 22;

    private readonly Stream stream;
    private readonly RecordBuffer buffer = new();
    private readonly List<WrittenLayout?> layouts = [];
    private byte[] compressed = [];

    /// <summary>Writes magic and header.</summary>
    public RecordingWriter(Stream stream, RecordingHeader header)
    {
        this.stream = stream;
        stream.Write(RecordingFormat.Magic);
        Bytes = RecordingFormat.Magic.Length;
        buffer.Byte((byte)RecordKind.Header);
        buffer.Bytes(JsonSerializer.SerializeToUtf8Bytes(header, RecordingJson.Default.RecordingHeader));
        Flush();
    }

    /// <summary>Bytes that the stream was given.</summary>
    public long Bytes { get; private set; }

    /// <summary>Frames written.</summary>
    public long Frames { get; private set; }

    /// <summary>Frames that the stream took: those that can be played should it take no more.</summary>
    public long FramesInStream { get; private set; }

    /// <summary>Events written.</summary>
    public long Events { get; private set; }

    /// <summary>Events that were too long to be written.</summary>
    public long EventsTooLong { get; private set; }

    /// <summary>Says what stands in frames to come.</summary>
    /// <returns>The number under which they are to be written.</returns>
    /// <exception cref="ArgumentException">More series or layouts than a recording can hold.</exception>
    public int Add(RecordedLayout layout)
    {
        var number = layouts.IndexOf(null);
        if (number < 0) number = layouts.Count;
        var all = layouts.Sum(static known => known?.Values.Length ?? 0) + layout.Series.Count;
        if (layout.Series.Count > RecordingFormat.SeriesAtMost || all > RecordingFormat.SeriesInAllAtMost || number >= RecordingFormat.LayoutsAtMost)
            throw new ArgumentException($"a recording holds at most {RecordingFormat.LayoutsAtMost} layouts of {RecordingFormat.SeriesAtMost} series, {RecordingFormat.SeriesInAllAtMost} in all", nameof(layout));
        CloseIfFull();
        var start = buffer.Length;
        buffer.Byte((byte)RecordKind.Layout);
        buffer.Unsigned((ulong)number);
        buffer.Bytes(JsonSerializer.SerializeToUtf8Bytes(layout, RecordingJson.Default.RecordedLayout));
        if (buffer.Length - start > RecordingFormat.BlockBytesAtMost - RecordingFormat.FullBlockBytes)
        {
            buffer.CutTo(start);
            throw new ArgumentException($"the names of {layout.Series.Count} series are longer than a recording can hold", nameof(layout));
        }
        if (number == layouts.Count) layouts.Add(null);
        layouts[number] = new WrittenLayout(layout.Series.Count);
        return number;
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="layout">Number of its layout.</param>
    /// <param name="stamp">When it was taken.</param>
    /// <param name="values">A value per series; NaN for none.</param>
    public void Add(int layout, in RecordedStamp stamp, ReadOnlySpan<double> values)
    {
        var known = layouts[layout] ?? throw new ArgumentException($"layout {layout} is gone", nameof(layout));
        if (values.Length != known.Values.Length)
            throw new ArgumentException($"{values.Length} values for {known.Values.Length} series", nameof(values));
        CloseIfFull();
        buffer.Byte((byte)RecordKind.Frame);
        buffer.Unsigned((ulong)layout);
        buffer.Byte((byte)stamp.Tiers);
        buffer.Signed(unchecked(stamp.Number - known.Stamp.Number));
        buffer.Signed(unchecked(stamp.UnixMicroseconds - known.Stamp.UnixMicroseconds));
        buffer.Signed(unchecked(stamp.Timestamp - known.Stamp.Timestamp));
        known.Stamp = stamp;
        var last = -1;
        for (var place = 0; place < values.Length; place++)
        {
            if (BitConverter.DoubleToInt64Bits(values[place]) == BitConverter.DoubleToInt64Bits(known.Values[place])) continue;
            // Places that changed as distances from the one before; 0 ends them.
            buffer.Unsigned((ulong)(place - last));
            last = place;
            ValueCoding.Write(buffer, known.Values[place], values[place]);
            known.Values[place] = values[place];
        }
        buffer.Unsigned(0);
        Frames++;
    }

    /// <summary>Writes an event; one longer than a recording can hold is counted and left out.</summary>
    public void Add(EventRecord record)
    {
        var json = EventJson.Write(record);
        if (json.Length > RecordingFormat.EventBytesAtMost)
        {
            EventsTooLong++;
            return;
        }
        CloseIfFull();
        buffer.Byte((byte)RecordKind.Event);
        buffer.Bytes(json);
        Events++;
    }

    /// <summary>Says that no frame of a layout follows; its number may be given again.</summary>
    public void End(int layout)
    {
        buffer.Byte((byte)RecordKind.Gone);
        buffer.Unsigned((ulong)layout);
        layouts[layout] = null;
    }

    /// <summary>Writes the end mark, without which a reader says that the end is missing.</summary>
    public void End()
    {
        buffer.Byte((byte)RecordKind.End);
        buffer.Bytes(JsonSerializer.SerializeToUtf8Bytes(new RecordingCounts(Frames, Events), RecordingJson.Default.RecordingCounts));
        Flush();
    }

    /// <summary>Hands everything to the stream: what comes after this can no longer take it away.</summary>
    public void Flush()
    {
        if (buffer.Length > 0) WriteBlock();
        stream.Flush();
    }

    private void CloseIfFull()
    {
        if (buffer.Length >= RecordingFormat.FullBlockBytes) WriteBlock();
    }

    private void WriteBlock()
    {
        var needed = RecordingFormat.BlockHeaderBytes + BrotliEncoder.GetMaxCompressedLength(buffer.Length);
        if (compressed.Length < needed) compressed = new byte[needed];
        if (!BrotliEncoder.TryCompress(buffer.Written, compressed.AsSpan(RecordingFormat.BlockHeaderBytes), out var length, BrotliQuality, BrotliWindowBits))
            throw new InvalidOperationException("A block did not fit into the room that its compression asks for.");
        BinaryPrimitives.WriteUInt32LittleEndian(compressed, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(compressed.AsSpan(4), (uint)buffer.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(compressed.AsSpan(8), RecordingFormat.Checksum(compressed.AsSpan(RecordingFormat.BlockHeaderBytes, length)));
        // In one piece, so that a full disk tears one block and not two. Cleared before: a block that failed is not written twice.
        buffer.Clear();
        stream.Write(compressed, 0, RecordingFormat.BlockHeaderBytes + length);
        Bytes += RecordingFormat.BlockHeaderBytes + length;
        FramesInStream = Frames;
    }

    private sealed class WrittenLayout
    {
        internal WrittenLayout(int series)
        {
            Values = new double[series];
            Array.Fill(Values, double.NaN);
        }

        internal RecordedStamp Stamp { get; set; }

        internal double[] Values { get; }
    }
}
