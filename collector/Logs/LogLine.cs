using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Monitoring.Collector.Storage;
using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Logs;

/// <summary>A log line that is to be kept: a document for an index, with what queries ask for.</summary>
/// <param name="Index">The index that Elasticsearch gets it into; at most <see cref="MostNameBytes"/> of ASCII.</param>
/// <param name="Id">Its id there; at most <see cref="MostIdBytes"/> of UTF-8.</param>
/// <param name="Time">When it was written, as far as its node's clock can be believed.</param>
/// <param name="Node">The node that wrote it; at most <see cref="MostNameBytes"/> of UTF-8.</param>
/// <param name="Level">Its level.</param>
/// <param name="Json">The document on one line.</param>
internal sealed record LogLine(string Index, string Id, DateTimeOffset Time, string Node, LogThreshold Level, ReadOnlyMemory<byte> Json) : IRecord<LogMarks>
{
    /// <summary>Longest index and node; a host's name has 253 at most.</summary>
    public const int MostNameBytes = 255;

    /// <summary>Longest id that Elasticsearch takes.</summary>
    public const int MostIdBytes = 512;

    // Time, level, three lengths.
    private const int HeadBytes = sizeof(long) + 1 + 1 + 1 + sizeof(ushort);

    // Index and id, hashed.
    private readonly RecordKey key = KeyOf(Index, Id);

    /// <inheritdoc/>
    public RecordEntry<LogMarks> Entry => new(key, Time.UtcTicks, new LogMarks(this));

    /// <inheritdoc/>
    public long Bytes => HeadBytes + Index.Length + Id.Length + Node.Length + Json.Length;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Write()
    {
        var (index, id, node) = (Encoding.UTF8.GetBytes(Index), Encoding.UTF8.GetBytes(Id), Encoding.UTF8.GetBytes(Node));
        var payload = new byte[HeadBytes + index.Length + id.Length + node.Length + Json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(payload, Time.UtcTicks);
        payload[8] = (byte)Level;
        payload[9] = checked((byte)node.Length);
        payload[10] = checked((byte)index.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(11), checked((ushort)id.Length));
        var rest = payload.AsSpan(HeadBytes);
        foreach (var part in (ReadOnlySpan<byte[]>)[node, index, id])
        {
            part.CopyTo(rest);
            rest = rest[part.Length..];
        }

        Json.Span.CopyTo(rest);
        return payload;
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null for what is nothing of the kind.</summary>
    public static LogLine? Read(ReadOnlyMemory<byte> payload)
    {
        var bytes = payload.Span;
        if (bytes.Length < HeadBytes) return null;
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var (node, index, id) = ((int)bytes[9], (int)bytes[10], (int)BinaryPrimitives.ReadUInt16LittleEndian(bytes[11..]));
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks || bytes[8] > (byte)LogThreshold.Critical || HeadBytes + node + index + id > bytes.Length) return null;
        var text = bytes[HeadBytes..];
        return new LogLine(
            Encoding.UTF8.GetString(text.Slice(node, index)), Encoding.UTF8.GetString(text.Slice(node + index, id)), new DateTimeOffset(ticks, TimeSpan.Zero),
            Encoding.UTF8.GetString(text[..node]), (LogThreshold)bytes[8], payload[(HeadBytes + node + index + id)..]);
    }

    private static RecordKey KeyOf(string index, string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        // No index has a line feed.
        SHA256.HashData(Encoding.UTF8.GetBytes($"{index}\n{id}"), hash);
        return new RecordKey(BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]), BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }
}

/// <summary>A log line at its place in the store.</summary>
/// <param name="Sequence">Its place: rises, and stays the same over restarts.</param>
/// <param name="Line">The line.</param>
internal readonly record struct StoredLine(ulong Sequence, LogLine Line);
