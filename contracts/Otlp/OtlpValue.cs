using System.Globalization;
using System.Text;

namespace Monitoring.Contracts.Otlp;

/// <summary>What an attribute's value is.</summary>
public enum OtlpValueKind
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>Text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A 64-bit integer.</summary>
    WholeNumber,

    /// <summary>A double.</summary>
    RealNumber,

    /// <summary>A list of values.</summary>
    Array,

    /// <summary>A list of attributes.</summary>
    KeyValueList,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>An attribute's value (AnyValue), read in place.</summary>
public readonly ref struct OtlpValue
{
    /// <summary>How deep lists may be nested: recursion on foreign bytes needs a floor.</summary>
    public const int MaximumDepth = 16;

    private readonly ReadOnlySpan<byte> bytes;
    private readonly ulong bits;

    private OtlpValue(OtlpValueKind kind, ReadOnlySpan<byte> bytes, ulong bits)
    {
        Kind = kind;
        this.bytes = bytes;
        this.bits = bits;
    }

    /// <summary>What the value is.</summary>
    public OtlpValueKind Kind { get; }

    /// <summary>The value as label text: numbers as in C# invariant, bytes as base64, lists as JSON (OpenTelemetry's rule for foreign formats).</summary>
    public override string ToString()
    {
        if (Kind is not (OtlpValueKind.Array or OtlpValueKind.KeyValueList)) return Scalar();
        var json = new StringBuilder();
        AppendJson(json);
        return json.ToString();
    }

    /// <summary>Reads a value to its end; <paramref name="value"/> carries the fault where there is one.</summary>
    internal static OtlpValue Read(scoped ref ProtobufReader value, int depth)
    {
        var kind = OtlpValueKind.Empty;
        ReadOnlySpan<byte> bytes = default;
        ulong bits = 0;
        while (value.ReadTag())
        {
            switch (value.Tag)
            {
                case OtlpTags.ValueString:
                    kind = OtlpValueKind.Text;
                    bytes = value.ReadText();
                    break;
                case OtlpTags.ValueBool:
                    kind = OtlpValueKind.Boolean;
                    bits = value.ReadVarint();
                    break;
                case OtlpTags.ValueInt:
                    kind = OtlpValueKind.WholeNumber;
                    bits = value.ReadVarint();
                    break;
                case OtlpTags.ValueDouble:
                    kind = OtlpValueKind.RealNumber;
                    bits = value.ReadFixed64();
                    break;
                case OtlpTags.ValueBytes:
                    kind = OtlpValueKind.Bytes;
                    bytes = value.ReadBytes();
                    break;
                case OtlpTags.ValueArray:
                    kind = OtlpValueKind.Array;
                    bytes = ReadList(ref value, depth, ofPairs: false);
                    break;
                case OtlpTags.ValueKeyValueList:
                    kind = OtlpValueKind.KeyValueList;
                    bytes = ReadList(ref value, depth, ofPairs: true);
                    break;
                default: value.Skip(); break;
            }
        }

        return new OtlpValue(kind, bytes, bits);
    }

    private static ReadOnlySpan<byte> ReadList(scoped ref ProtobufReader value, int depth, bool ofPairs)
    {
        var start = value.Position;
        if (depth >= MaximumDepth)
        {
            value.Fail(ProtobufError.NestedTooDeep, start);
            return default;
        }

        var peek = value;
        var list = value.ReadMessage();
        while (list.ReadTag())
        {
            if (list.Tag != OtlpTags.ListValues)
            {
                list.Skip();
                continue;
            }

            var item = list.ReadMessage();
            if (ofPairs) ReadPair(ref item, depth, out _);
            else Read(ref item, depth + 1);
            list.Adopt(item.Fault);
        }

        value.Adopt(list.Fault);
        return peek.ReadBytes();
    }

    private static OtlpValue ReadPair(scoped ref ProtobufReader pair, int depth, out ReadOnlySpan<byte> key)
    {
        key = default;
        var found = default(OtlpValue);
        while (pair.ReadTag())
        {
            switch (pair.Tag)
            {
                case OtlpTags.KeyValueKey: key = pair.ReadText(); break;
                case OtlpTags.KeyValueValue:
                    var inner = pair.ReadMessage();
                    found = Read(ref inner, depth + 1);
                    pair.Adopt(inner.Fault);
                    break;
                default: pair.Skip(); break;
            }
        }

        return found;
    }

    private string Scalar() => Kind switch
    {
        OtlpValueKind.Text => Encoding.UTF8.GetString(bytes),
        OtlpValueKind.Boolean => bits != 0 ? "true" : "false",
        OtlpValueKind.WholeNumber => ((long)bits).ToString(CultureInfo.InvariantCulture),
        OtlpValueKind.RealNumber => BitConverter.UInt64BitsToDouble(bits).ToString(CultureInfo.InvariantCulture),
        OtlpValueKind.Bytes => Convert.ToBase64String(bytes),
        _ => "",
    };

    private void AppendJson(StringBuilder json)
    {
        switch (Kind)
        {
            case OtlpValueKind.Empty: json.Append("null"); break;
            case OtlpValueKind.Array or OtlpValueKind.KeyValueList: AppendList(json); break;
            case OtlpValueKind.Boolean or OtlpValueKind.WholeNumber: json.Append(Scalar()); break;
            case OtlpValueKind.RealNumber when double.IsFinite(BitConverter.UInt64BitsToDouble(bits)): json.Append(Scalar()); break;
            default: AppendQuoted(json, Scalar()); break;
        }
    }

    private void AppendList(StringBuilder json)
    {
        var ofPairs = Kind == OtlpValueKind.KeyValueList;
        json.Append(ofPairs ? '{' : '[');
        var first = true;
        var list = new ProtobufReader(bytes);
        while (list.ReadTag())
        {
            if (list.Tag != OtlpTags.ListValues)
            {
                list.Skip();
                continue;
            }

            if (!first) json.Append(',');
            first = false;
            // Depth was checked when the value was first read.
            var item = list.ReadMessage();
            if (ofPairs)
            {
                var value = ReadPair(ref item, depth: 0, out var key);
                AppendQuoted(json, Encoding.UTF8.GetString(key));
                json.Append(':');
                value.AppendJson(json);
            }
            else
            {
                Read(ref item, depth: 0).AppendJson(json);
            }
        }

        json.Append(ofPairs ? '}' : ']');
    }

    private static void AppendQuoted(StringBuilder json, string text)
        => json.Append('"').Append(System.Text.Json.JsonEncodedText.Encode(text)).Append('"');
}
