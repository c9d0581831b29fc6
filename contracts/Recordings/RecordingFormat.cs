using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Monitoring.Contracts.Recordings;

/// <summary>
/// The bytes of a recording (<c>*.gpurec</c>): a magic, then blocks. A block is three little-endian 32-bit words (compressed length, plain
/// length, CRC-32C of the compressed bytes) and its bytes compressed with Brotli; each can be read without those after it, so that a
/// file whose end is missing plays up to its last whole block. Plain, the blocks are a row of records that never span two blocks: a
/// byte that says the kind, then what <see cref="RecordingWriter"/> writes. Numbers are LEB128, signed ones zigzag.
/// </summary>
internal static class RecordingFormat
{
    /// <summary>The last byte is the version.</summary>
    internal static ReadOnlySpan<byte> Magic => "gpurec\n\x01"u8;

    internal const int BlockHeaderBytes = 3 * sizeof(uint);

    /// <summary>A block is closed when it is as long as this, plain.</summary>
    internal const int FullBlockBytes = 256 * 1024;

    /// <summary>Most that a reader takes for one block, plain or compressed: the longest record is the layout of a node with many ports and GPUs.</summary>
    internal const int BlockBytesAtMost = 8 * 1024 * 1024;

    /// <summary>Layouts that can be alive at once: a node has at most 64 GPUs, and its own.</summary>
    internal const int LayoutsAtMost = 256;

    /// <summary>Values in a frame.</summary>
    internal const int SeriesAtMost = 65_536;

    /// <summary>Values in all layouts that are alive together.</summary>
    internal const int SeriesInAllAtMost = 4 * SeriesAtMost;

    /// <summary>Longest JSON of an event.</summary>
    internal const int EventBytesAtMost = 1024 * 1024;

    /// <summary>CRC-32C (Castagnoli), as iSCSI has it.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes[..(bytes.Length & ~7)]))
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}

/// <summary>Kinds of record in a recording.</summary>
internal enum RecordKind : byte
{
    /// <summary>JSON of a <see cref="RecordingHeader"/>; the first record and only there.</summary>
    Header = 1,

    /// <summary>Number of a layout, then its JSON; one that was there is replaced, with every value NaN.</summary>
    Layout = 2,

    /// <summary>Number of a layout, its stamp as differences to the frame before, and the values that changed.</summary>
    Frame = 3,

    /// <summary>JSON of an event.</summary>
    Event = 4,

    /// <summary>Number of a layout of which no frame follows: the GPU is gone.</summary>
    Gone = 5,

    /// <summary>JSON of <see cref="RecordingCounts"/>; the last record.</summary>
    End = 6,
}
