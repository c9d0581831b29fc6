using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Monitoring.Segments;

/// <summary>
/// How segments lie on disk, little-endian. File: magic (8), version (4), first sequence (8), created in Unix milliseconds (8), CRC-32C of
/// the 28 bytes before (4); then records: CRC-32C of the rest (4), payload length (4), sequence (8), type (1), payload. Sequences of a
/// file have no gaps.
/// </summary>
internal static class SegmentFormat
{
    internal const int HeaderBytes = 32;
    internal const int RecordHeaderBytes = 17;

    /// <summary>No record is longer; a length that says so is damage.</summary>
    internal const int MaximumPayloadBytes = 16 << 20;

    internal const string Ending = ".segment";

    private const uint Version = 1;
    private const int NameDigits = 20;

    internal static ReadOnlySpan<byte> Magic => "GPUSEGM\n"u8;

    internal static string FileName(ulong first) => first.ToString("D20", CultureInfo.InvariantCulture) + Ending;

    /// <summary>The first sequence that a file's name says; false for a file that is no segment.</summary>
    internal static bool TryReadName(ReadOnlySpan<char> name, out ulong first)
    {
        first = 0;
        return name.Length == NameDigits + Ending.Length && name.EndsWith(Ending, StringComparison.Ordinal)
            && ulong.TryParse(name[..NameDigits], NumberStyles.None, CultureInfo.InvariantCulture, out first) && first is > 0 and <= long.MaxValue;
    }

    internal static void WriteHeader(Span<byte> header, ulong first, DateTimeOffset created)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[12..], first);
        BinaryPrimitives.WriteInt64LittleEndian(header[20..], created.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], Checksum(header[..28]));
    }

    /// <summary>Reads a header; null, or why it is none.</summary>
    internal static string? ReadHeader(ReadOnlySpan<byte> header, ulong first, out DateTimeOffset created)
    {
        created = default;
        if (header.Length < HeaderBytes || !header.StartsWith(Magic)) return "it does not begin as a segment does";
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[28..]) != Checksum(header[..28])) return "its header is damaged";
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) is var version and not Version) return $"it has format {version}, this version reads {Version}";
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[12..]) is var said && said != first) return $"it holds records from {said} on, its name says {first}";
        created = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(header[20..]), 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
        return null;
    }

    /// <summary>Writes a record; the target has exactly its length.</summary>
    internal static void WriteRecord(Span<byte> target, ulong sequence, byte type, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], (uint)payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], sequence);
        target[16] = type;
        payload.CopyTo(target[RecordHeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Checksum(target[4..]));
    }

    /// <summary>Length of the record that begins here, by its own word, its header included; 0 where it cannot be one.</summary>
    internal static int RecordLength(ReadOnlySpan<byte> header, ulong sequence)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        return length <= MaximumPayloadBytes && BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) == sequence ? RecordHeaderBytes + (int)length : 0;
    }

    /// <summary>The sequence that a record's header says.</summary>
    internal static ulong Sequence(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);

    /// <summary>True for a whole record that is as it was written.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record) == Checksum(record[4..]);

    /// <summary>The most records that so many bytes can hold.</summary>
    internal static ulong MostRecords(long bytes) => (ulong)Math.Max(0, bytes) / RecordHeaderBytes + 1;

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
