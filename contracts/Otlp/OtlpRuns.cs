namespace Monitoring.Contracts.Otlp;

/// <summary>Where a point's attributes lie; every known sender writes them side by side, so that the run needs no copy.</summary>
internal struct AttributeRun
{
    private int start;
    private int end;
    private int length;

    public void Add(int fieldStart, int fieldEnd)
    {
        if (length == 0) start = fieldStart;
        end = fieldEnd;
        length += fieldEnd - fieldStart;
    }

    /// <summary>The attributes' bytes; copied only where other fields lie between them, which the format permits.</summary>
    public readonly ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> point, uint attributesTag)
    {
        if (length == end - start) return point[start..end];

        var joined = new byte[length];
        var filled = 0;
        var reader = new ProtobufReader(point);
        while (true)
        {
            var fieldStart = reader.Position;
            if (!reader.ReadTag()) return joined;
            reader.Skip();
            if (reader.Tag != attributesTag) continue;
            var field = point[fieldStart..reader.Position];
            field.CopyTo(joined.AsSpan(filled));
            filled += field.Length;
        }
    }
}

/// <summary>A repeated eight-byte field, packed or one at a time; every known sender packs it into one piece, which needs no copy.</summary>
internal ref struct PackedFixed64
{
    // Joining copies what is there already; without a bound a payload of single elements would cost its size squared.
    private const int MostPieces = 4096;

    // The same for packed pieces, which are large: as many elements as single ones could give.
    private const int MostJoinedBytes = MostPieces * sizeof(ulong);

    private int pieces;

    public ReadOnlySpan<byte> Bytes { get; private set; }

    public void Read(ref ProtobufReader reader, ReadOnlySpan<byte> message)
    {
        var fieldStart = reader.Position; // behind the tag
        ReadOnlySpan<byte> piece;
        if ((reader.Tag & 7) == ProtobufReader.LengthDelimited)
        {
            piece = reader.ReadBytes();
            if (piece.Length % 8 != 0) reader.Fail(ProtobufError.PackedLength, fieldStart);
        }
        else
        {
            reader.ReadFixed64();
            piece = reader.Fault.IsFault ? default : message[fieldStart..reader.Position];
        }

        if (++pieces > MostPieces || (!Bytes.IsEmpty && Bytes.Length + piece.Length > MostJoinedBytes)) reader.Fail(ProtobufError.TooManyPieces, fieldStart);
        if (reader.Fault.IsFault) return;
        if (Bytes.IsEmpty) Bytes = piece;
        else Bytes = (byte[])[.. Bytes, .. piece];
    }
}
