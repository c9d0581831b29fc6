using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Recordings;

/// <summary>What a reader stands at.</summary>
public enum RecordingItem
{
    /// <summary>The end; <see cref="RecordingReader.Trouble"/> says whether it is the whole recording.</summary>
    End,

    /// <summary>A layout: frames of its GPU, or of the node, follow.</summary>
    Layout,

    /// <summary>A frame.</summary>
    Frame,

    /// <summary>An event.</summary>
    Event,

    /// <summary>The GPU of a layout is gone.</summary>
    Gone,
}

/// <summary>
/// Reads a recording from its start to its end, whoever wrote it: memory is bounded, and at the first byte that cannot be right it ends
/// and says why. Everything before that is what was recorded.
/// </summary>
public sealed class RecordingReader
{
    private readonly Stream stream;
    private readonly List<ReadLayout?> layouts = [];
    private byte[] block = [];
    private byte[] compressed = [];
    private int blockLength;
    private int place;
    private bool ended;

    /// <summary>Reads magic and header.</summary>
    /// <exception cref="RecordingException">It is no recording, or one of another version.</exception>
    public RecordingReader(Stream stream)
    {
        this.stream = stream;
        Span<byte> magic = stackalloc byte[RecordingFormat.Magic.Length];
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic[..^1].SequenceEqual(RecordingFormat.Magic[..^1]))
            throw new RecordingException("is no recording: it does not begin as one");
        if (magic[^1] != RecordingFormat.Magic[^1])
            throw new RecordingException($"is a recording of version {magic[^1]}; this program reads version {RecordingFormat.Magic[^1]}");
        if (!NextBlock()) throw new RecordingException("is a recording without its header: " + Trouble);
        var bytes = new RecordBytes(block.AsSpan(0, blockLength));
        Header = bytes.TryByte(out var kind) && kind == (byte)RecordKind.Header && bytes.TryBytes(RecordingFormat.BlockBytesAtMost, out var json)
            && Parse(json, RecordingJson.Default.RecordingHeader) is { TimestampFrequency: > 0 } header
            ? header : throw new RecordingException("is a recording without its header: the header cannot be read");
        place = bytes.Place;
    }

    /// <summary>Where and when it was made.</summary>
    public RecordingHeader Header { get; }

    /// <summary>Why it ended before its end mark, for people; empty for a whole one, and until it ended.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>Number of the layout of the current layout, frame or gone GPU.</summary>
    public int LayoutNumber { get; private set; }

    /// <summary>The layout of the current layout, frame or gone GPU.</summary>
    public RecordedLayout Layout { get; private set; } = new(null, []);

    /// <summary>When the current frame was taken.</summary>
    public RecordedStamp Stamp { get; private set; }

    /// <summary>Values of the current frame; good until the next call.</summary>
    public ReadOnlySpan<double> Values => layouts[LayoutNumber] is { } known ? known.Values : [];

    /// <summary>The current event.</summary>
    public EventRecord? Event { get; private set; }

    /// <summary>Frames read so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Events read so far.</summary>
    public long Events { get; private set; }

    /// <summary>Moves on.</summary>
    public RecordingItem Read()
    {
        if (ended) return RecordingItem.End;
        if (place == blockLength && !NextBlock())
        {
            ended = true;
            return RecordingItem.End;
        }
        var bytes = new RecordBytes(block.AsSpan(place, blockLength - place));
        var item = bytes.TryByte(out var kind) ? (RecordKind)kind switch
        {
            RecordKind.Layout => ReadLayoutOf(ref bytes),
            RecordKind.Frame => ReadFrame(ref bytes),
            RecordKind.Event => ReadEvent(ref bytes),
            RecordKind.Gone => ReadGone(ref bytes),
            RecordKind.End => ReadEnd(ref bytes),
            _ => Damaged($"a record of the unknown kind {kind}"),
        } : Damaged("an empty record");
        place += bytes.Place;
        ended = item == RecordingItem.End;
        return item;
    }

    private RecordingItem ReadLayoutOf(ref RecordBytes bytes)
    {
        if (!bytes.TryUnsigned(out var number) || number > (ulong)layouts.Count || number >= RecordingFormat.LayoutsAtMost
            || !bytes.TryBytes(RecordingFormat.BlockBytesAtMost, out var json) || Parse(json, RecordingJson.Default.RecordedLayout) is not { } layout
            || layout.Series.Any(static series => series is not { Metric: not null, Labels: not null, Tier: >= 0 and <= 2 } || series.Labels.Any(static label => label is not { Key: not null, Value: not null })))
            return Damaged("a layout that cannot be read");
        if (number == (ulong)layouts.Count) layouts.Add(null);
        layouts[(int)number] = null;
        if (layout.Series.Count > RecordingFormat.SeriesAtMost || layouts.Sum(static known => known?.Values.Length ?? 0) + layout.Series.Count > RecordingFormat.SeriesInAllAtMost)
            return Damaged("more series than a recording can hold");
        LayoutNumber = (int)number;
        Layout = layout;
        layouts[LayoutNumber] = new ReadLayout(layout);
        return RecordingItem.Layout;
    }

    private RecordingItem ReadFrame(ref RecordBytes bytes)
    {
        if (!bytes.TryUnsigned(out var layout) || layout >= (ulong)layouts.Count || layouts[(int)layout] is not { } known)
            return Damaged("a frame without a layout");
        if (!bytes.TryByte(out var tiers) || tiers > 7 || !bytes.TrySigned(out var number) || !bytes.TrySigned(out var unix) || !bytes.TrySigned(out var timestamp))
            return Damaged("a frame without its time");
        var next = new RecordedStamp(unchecked(known.Stamp.Number + number), unchecked(known.Stamp.UnixMicroseconds + unix), unchecked(known.Stamp.Timestamp + timestamp), tiers);
        if (next.Number < 0 || !IsTime(next.UnixMicroseconds) || next.Timestamp < 0) return Damaged("a frame of an impossible time");
        known.Stamp = next;
        for (var last = -1; ;)
        {
            if (!bytes.TryUnsigned(out var distance)) return Damaged("a frame that is cut off");
            if (distance == 0) break;
            if (distance > (ulong)(known.Values.Length - 1 - last)) return Damaged("a frame with more values than series");
            last += (int)distance;
            if (!ValueCoding.TryRead(ref bytes, known.Values[last], out var value)) return Damaged("a value that cannot be read");
            known.Values[last] = value;
        }
        LayoutNumber = (int)layout;
        Layout = known.Layout;
        Stamp = next;
        Frames++;
        return RecordingItem.Frame;
    }

    private RecordingItem ReadEvent(ref RecordBytes bytes)
    {
        if (!bytes.TryBytes(RecordingFormat.EventBytesAtMost, out var json)) return Damaged("an event that is cut off");
        try
        {
            Event = EventJson.Read(json);
        }
        catch (JsonException)
        {
            return Damaged("an event that cannot be read");
        }
        Events++;
        return RecordingItem.Event;
    }

    private RecordingItem ReadGone(ref RecordBytes bytes)
    {
        if (!bytes.TryUnsigned(out var layout) || layout >= (ulong)layouts.Count || layouts[(int)layout] is not { } known)
            return Damaged("the end of a layout that is not there");
        LayoutNumber = (int)layout;
        Layout = known.Layout;
        layouts[LayoutNumber] = null;
        return RecordingItem.Gone;
    }

    private RecordingItem ReadEnd(ref RecordBytes bytes)
    {
        if (!bytes.TryBytes(RecordingFormat.BlockBytesAtMost, out var json) || Parse(json, RecordingJson.Default.RecordingCounts) is not { } counts)
            return Damaged("an end mark that cannot be read");
        return counts == new RecordingCounts(Frames, Events) ? RecordingItem.End
            : Damaged($"an end mark for {counts.Frames} frames and {counts.Events} events, after {Frames} and {Events}");
    }

    private RecordingItem Damaged(string what)
    {
        Trouble = $"it is damaged after {Frames} frames: {what}";
        return RecordingItem.End;
    }

    private bool NextBlock()
    {
        Span<byte> head = stackalloc byte[RecordingFormat.BlockHeaderBytes];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return Missing();
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        var plain = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        if (length > RecordingFormat.BlockBytesAtMost || plain is 0 or > RecordingFormat.BlockBytesAtMost)
        {
            _ = Damaged("a block of an impossible length");
            return false;
        }
        if (compressed.Length < length) compressed = new byte[length];
        var taken = compressed.AsSpan(0, (int)length);
        if (stream.ReadAtLeast(taken, taken.Length, throwOnEndOfStream: false) < taken.Length) return Missing();
        if (block.Length < plain) block = new byte[plain];
        if (RecordingFormat.Checksum(taken) != BinaryPrimitives.ReadUInt32LittleEndian(head[8..])
            || !BrotliDecoder.TryDecompress(taken, block.AsSpan(0, (int)plain), out var written) || written != plain)
        {
            _ = Damaged("a block whose checksum is wrong");
            return false;
        }
        (blockLength, place) = ((int)plain, 0);
        return true;
    }

    private bool Missing()
    {
        Trouble = $"its end is missing: it stops after {Frames} frames";
        return false;
    }

    private static bool IsTime(long unixMicroseconds) =>
        unixMicroseconds >= 0 && unixMicroseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() * 1000;

    private static T? Parse<T>(ReadOnlySpan<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class ReadLayout
    {
        internal ReadLayout(RecordedLayout layout)
        {
            Layout = layout;
            Values = new double[layout.Series.Count];
            Array.Fill(Values, double.NaN);
        }

        internal RecordedLayout Layout { get; }

        internal RecordedStamp Stamp { get; set; }

        internal double[] Values { get; }
    }
}
