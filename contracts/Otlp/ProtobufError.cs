namespace Monitoring.Contracts.Otlp;

/// <summary>What is wrong with bytes that should be a protobuf message.</summary>
public enum ProtobufError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The message ends inside a value.</summary>
    Truncated,

    /// <summary>A varint runs past ten bytes, or a tag past 32 bits.</summary>
    VarintTooLong,

    /// <summary>A length reaches beyond the end of the enclosing message.</summary>
    LengthBeyondEnd,

    /// <summary>Field number 0, which no message may use.</summary>
    FieldNumberZero,

    /// <summary>A group (wire types 3 and 4, no longer used) or an undefined wire type (6, 7).</summary>
    UnsupportedWireType,

    /// <summary>A packed field whose length is no multiple of its element's size.</summary>
    PackedLength,

    /// <summary>A field sent in more pieces than any known writer makes.</summary>
    TooManyPieces,

    /// <summary>Text that is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>Attribute values nested deeper than <see cref="OtlpValue.MaximumDepth"/>.</summary>
    NestedTooDeep,
}

/// <summary>The first thing wrong with a message, and where.</summary>
/// <param name="Error">What is wrong; <see cref="ProtobufError.None"/> where nothing is.</param>
/// <param name="Offset">Where, in bytes from the start of the outermost message.</param>
public readonly record struct ProtobufFault(ProtobufError Error, int Offset)
{
    /// <summary>Whether anything is wrong.</summary>
    public bool IsFault => Error != ProtobufError.None;
}
