using System.Buffers.Binary;

namespace Monitoring.Contracts.Recordings;

/// <summary>Records of a block that is not yet full.</summary>
internal sealed class RecordBuffer
{
    private const int LongestNumber = 10;
    private byte[] bytes = new byte[RecordingFormat.FullBlockBytes + 64 * 1024];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    /// <summary>Takes back everything after a place, where a record turned out to be too long.</summary>
    internal void CutTo(int length) => Length = length;

    internal void Byte(byte value)
    {
        Reserve(1);
        bytes[Length++] = value;
    }

    internal void Unsigned(ulong value)
    {
        Reserve(LongestNumber);
        for (; value >= 0x80; value >>= 7) bytes[Length++] = (byte)(value | 0x80);
        bytes[Length++] = (byte)value;
    }

    internal void Signed(long value) => Unsigned(ValueCoding.ZigZag(value));

    internal void Double(double value)
    {
        Reserve(sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(Length), value);
        Length += sizeof(double);
    }

    /// <summary>A length and as many bytes.</summary>
    internal void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        Reserve(value.Length);
        value.CopyTo(bytes.AsSpan(Length));
        Length += value.Length;
    }

    private void Reserve(int more)
    {
        if (Length + more > bytes.Length) Array.Resize(ref bytes, Math.Max(2 * bytes.Length, Length + more));
    }
}

/// <summary>Reads what <see cref="RecordBuffer"/> wrote; says false instead of reading past the end.</summary>
internal ref struct RecordBytes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    internal int Place { get; private set; }

    internal readonly bool IsAtEnd => Place == bytes.Length;

    internal bool TryByte(out byte value)
    {
        value = 0;
        if (IsAtEnd) return false;
        value = bytes[Place++];
        return true;
    }

    internal bool TryUnsigned(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (!TryByte(out var part)) return false;
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return true;
        }
        return false;
    }

    internal bool TrySigned(out long value)
    {
        var read = TryUnsigned(out var unsigned);
        value = ValueCoding.UnZigZag(unsigned);
        return read;
    }

    internal bool TryDouble(out double value)
    {
        value = double.NaN;
        if (bytes.Length - Place < sizeof(double)) return false;
        value = BinaryPrimitives.ReadDoubleLittleEndian(bytes[Place..]);
        Place += sizeof(double);
        return true;
    }

    internal bool TryBytes(int atMost, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryUnsigned(out var length) || length > (ulong)Math.Min(atMost, bytes.Length - Place)) return false;
        value = bytes.Slice(Place, (int)length);
        Place += (int)length;
        return true;
    }
}
