using System.Buffers.Binary;
using System.Text;

namespace Monitoring.Elasticsearch.Spool;

/// <summary>A document as it lies in a spool: length of the index (2 bytes, little-endian), of the id (2), index, id, document.</summary>
internal static class SpoolRecord
{
    /// <summary>The type of such records; readers pass over others.</summary>
    internal const byte Type = 1;

    private const int HeaderBytes = 4;

    /// <summary>Packs a document.</summary>
    /// <exception cref="ArgumentException">Index or id are longer than a length can say.</exception>
    internal static byte[] Write(string index, string id, ReadOnlySpan<byte> json)
    {
        var (indexBytes, idBytes) = (Encoding.UTF8.GetByteCount(index), Encoding.UTF8.GetByteCount(id));
        if (indexBytes > ushort.MaxValue || idBytes > ushort.MaxValue) throw new ArgumentException($"index and id have {indexBytes} and {idBytes} bytes; {ushort.MaxValue} is the most of each.");
        var record = new byte[HeaderBytes + indexBytes + idBytes + json.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)indexBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(2), (ushort)idBytes);
        Encoding.UTF8.GetBytes(index, record.AsSpan(HeaderBytes));
        Encoding.UTF8.GetBytes(id, record.AsSpan(HeaderBytes + indexBytes));
        json.CopyTo(record.AsSpan(HeaderBytes + indexBytes + idBytes));
        return record;
    }

    /// <summary>Unpacks a document; false for what is none.</summary>
    internal static bool TryRead(ReadOnlyMemory<byte> record, out string index, out string id, out ReadOnlyMemory<byte> json)
    {
        (index, id, json) = ("", "", default);
        if (record.Length < HeaderBytes) return false;
        int indexBytes = BinaryPrimitives.ReadUInt16LittleEndian(record.Span), idBytes = BinaryPrimitives.ReadUInt16LittleEndian(record.Span[2..]);
        if (record.Length < HeaderBytes + indexBytes + idBytes) return false;
        index = Encoding.UTF8.GetString(record.Span.Slice(HeaderBytes, indexBytes));
        id = Encoding.UTF8.GetString(record.Span.Slice(HeaderBytes + indexBytes, idBytes));
        json = record[(HeaderBytes + indexBytes + idBytes)..];
        return true;
    }
}
