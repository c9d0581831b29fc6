namespace Monitoring.Contracts.Otlp;

/// <summary>Visits the attributes in a run of bytes, in the sender's order; <c>foreach</c> works on it.</summary>
public ref struct OtlpAttributes
{
    private readonly uint tag;
    private ProtobufReader reader;

    /// <summary>Visits every field of <paramref name="run"/> whose tag is <paramref name="attributesTag"/>.</summary>
    /// <param name="run">A point's attributes, or a whole message that has such fields.</param>
    /// <param name="attributesTag">The tag of the attributes there, such as <see cref="OtlpTags.NumberAttributes"/>.</param>
    /// <param name="baseOffset">Where the run starts in the payload; only faults show it.</param>
    public OtlpAttributes(ReadOnlySpan<byte> run, uint attributesTag, int baseOffset = 0)
    {
        tag = attributesTag;
        reader = new ProtobufReader(run, baseOffset);
    }

    /// <summary>The attribute's name, UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>The attribute's value.</summary>
    public OtlpValue Value { get; private set; }

    /// <summary>The first fault met; the visit ends there.</summary>
    public readonly ProtobufFault Fault => reader.Fault;

    /// <summary>The attribute that <see cref="MoveNext"/> found.</summary>
    public readonly OtlpAttributes Current => this;

    /// <summary>Itself.</summary>
    public readonly OtlpAttributes GetEnumerator() => this;

    /// <summary>Moves to the next attribute; false at the end or after a fault.</summary>
    public bool MoveNext()
    {
        while (reader.ReadTag())
        {
            if (reader.Tag != tag)
            {
                reader.Skip();
                continue;
            }

            ReadKeyValue();
            if (!reader.Fault.IsFault) return true;
        }

        return false;
    }

    /// <summary>Visits all, looking into every value; the first fault, if there is one.</summary>
    /// <param name="count">How many attributes there are.</param>
    public static ProtobufFault Validate(ReadOnlySpan<byte> run, uint attributesTag, int baseOffset, out int count)
    {
        count = 0;
        var attributes = new OtlpAttributes(run, attributesTag, baseOffset);
        while (attributes.MoveNext()) count++;
        return attributes.Fault;
    }

    private void ReadKeyValue()
    {
        var pair = reader.ReadMessage();
        Key = default;
        Value = default;
        while (pair.ReadTag())
        {
            switch (pair.Tag)
            {
                case OtlpTags.KeyValueKey: Key = pair.ReadText(); break;
                case OtlpTags.KeyValueValue:
                    var value = pair.ReadMessage();
                    Value = OtlpValue.Read(ref value, depth: 0);
                    pair.Adopt(value.Fault);
                    break;
                default: pair.Skip(); break;
            }
        }

        reader.Adopt(pair.Fault);
    }
}
