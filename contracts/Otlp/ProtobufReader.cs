using System.Buffers.Binary;
using System.Text.Unicode;

namespace Monitoring.Contracts.Otlp;

/// <summary>
/// Reads one protobuf message from memory without allocating. The first fault sticks: every later read answers empty or 0
/// and <see cref="ReadTag"/> ends the loop, so that a caller needs to look at <see cref="Fault"/> once.
/// </summary>
/// <remarks>The wire format: https://protobuf.dev/programming-guides/encoding/</remarks>
public ref struct ProtobufReader
{
    /// <summary>Wire type of varints.</summary>
    public const uint Varint = 0;

    /// <summary>Wire type of eight-byte values.</summary>
    public const uint Fixed64 = 1;

    /// <summary>Wire type of strings, bytes, messages and packed fields.</summary>
    public const uint LengthDelimited = 2;

    /// <summary>Wire type of four-byte values.</summary>
    public const uint Fixed32 = 5;

    private const int LongestVarintBytes = 10;

    private readonly ReadOnlySpan<byte> message;
    private readonly int baseOffset;
    private int position;
    private ProtobufFault fault;

    /// <summary>Reads <paramref name="message"/>.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="baseOffset">Where the message starts in the outermost one; only faults show it.</param>
    public ProtobufReader(ReadOnlySpan<byte> message, int baseOffset = 0)
    {
        this.message = message;
        this.baseOffset = baseOffset;
    }

    /// <summary>Field number and wire type of the field that was found last, as on the wire: number * 8 + wire type.</summary>
    public uint Tag { get; private set; }

    /// <summary>The first fault met.</summary>
    public readonly ProtobufFault Fault => fault;

    /// <summary>Where the next read starts, in bytes from the start of this message.</summary>
    public readonly int Position => position;

    /// <summary>Where the next read starts, in bytes from the start of the outermost message.</summary>
    public readonly int Offset => baseOffset + position;

    /// <summary>Moves to the next field; false at the end of the message or after a fault.</summary>
    public bool ReadTag()
    {
        if (fault.IsFault || position >= message.Length) return false;
        var start = position;
        var tag = ReadVarint();
        if (fault.IsFault) return false;
        if (tag > uint.MaxValue) return Fail(ProtobufError.VarintTooLong, start);
        if (tag < 8) return Fail(ProtobufError.FieldNumberZero, start);
        if ((tag & 7) is not (Varint or Fixed64 or LengthDelimited or Fixed32)) return Fail(ProtobufError.UnsupportedWireType, start);
        Tag = (uint)tag;
        return true;
    }

    /// <summary>Reads a varint, overlong ones included: some writers reserve five bytes for a length.</summary>
    public ulong ReadVarint()
    {
        if (fault.IsFault) return 0;
        if (position < message.Length && message[position] < 0x80) return message[position++];

        ulong value = 0;
        var start = position;
        for (var index = 0; index < LongestVarintBytes; index++)
        {
            if (position >= message.Length)
            {
                Fail(ProtobufError.Truncated, start);
                return 0;
            }

            var current = message[position++];
            value |= (ulong)(current & 0x7F) << (7 * index);
            if (current < 0x80) return value;
        }

        Fail(ProtobufError.VarintTooLong, start);
        return 0;
    }

    /// <summary>Reads eight bytes, little-endian.</summary>
    public ulong ReadFixed64()
    {
        if (fault.IsFault) return 0;
        if (message.Length - position < 8)
        {
            Fail(ProtobufError.Truncated, position);
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt64LittleEndian(message[position..]);
        position += 8;
        return value;
    }

    /// <summary>Reads a double.</summary>
    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadFixed64());

    /// <summary>Reads a string, bytes, a message or a packed field as it lies in memory.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var start = position;
        var length = ReadVarint();
        if (fault.IsFault) return default;
        if (length > (ulong)(message.Length - position))
        {
            Fail(ProtobufError.LengthBeyondEnd, start);
            return default;
        }

        var bytes = message.Slice(position, (int)length);
        position += (int)length;
        return bytes;
    }

    /// <summary>Reads a string and checks that it is UTF-8.</summary>
    public ReadOnlySpan<byte> ReadText()
    {
        var start = position;
        var text = ReadBytes();
        if (Utf8.IsValid(text)) return text;
        Fail(ProtobufError.InvalidUtf8, start);
        return default;
    }

    /// <summary>Reads an embedded message; its faults carry offsets of the outermost message.</summary>
    public ProtobufReader ReadMessage()
    {
        var bytes = ReadBytes();
        return new ProtobufReader(bytes, Offset - bytes.Length);
    }

    /// <summary>Steps over the field that <see cref="ReadTag"/> found.</summary>
    public void Skip()
    {
        switch (Tag & 7)
        {
            case Varint: ReadVarint(); break;
            case Fixed64: ReadFixed64(); break;
            case LengthDelimited: ReadBytes(); break;
            default: SkipFixed32(); break;
        }
    }

    /// <summary>Takes over the fault of an embedded message; the first fault stays.</summary>
    public void Adopt(ProtobufFault inner)
    {
        if (!fault.IsFault) fault = inner;
    }

    /// <summary>Records a fault of meaning at <paramref name="offset"/> bytes of this message; the first fault stays.</summary>
    /// <returns>False, for callers that end with it.</returns>
    public bool Fail(ProtobufError error, int offset)
    {
        if (!fault.IsFault) fault = new ProtobufFault(error, baseOffset + offset);
        return false;
    }

    private void SkipFixed32()
    {
        if (fault.IsFault) return;
        if (message.Length - position < 4) Fail(ProtobufError.Truncated, position);
        else position += 4;
    }
}
