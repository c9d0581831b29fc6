using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>The line before each document: create it, in this index, under this id. Never anything else, so that nothing is ever written twice or over.</summary>
internal static class BulkAction
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=");

    private static ReadOnlySpan<byte> Start => "{\"create\":{\"_index\":\""u8;

    private static ReadOnlySpan<byte> Middle => "\",\"_id\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}}\n"u8;

    /// <summary>Bytes of the line, its end included.</summary>
    internal static int Length(string index, string id) => Start.Length + EncodedLength(index) + Middle.Length + EncodedLength(id) + End.Length;

    /// <summary>Writes the line.</summary>
    /// <returns>Bytes written.</returns>
    internal static int Write(Span<byte> target, string index, string id)
    {
        Start.CopyTo(target);
        var at = Start.Length;
        at += Encode(index, target[at..]);
        Middle.CopyTo(target[at..]);
        at += Middle.Length;
        at += Encode(id, target[at..]);
        End.CopyTo(target[at..]);
        return at + End.Length;
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExcept(Plain);

    private static int EncodedLength(string text) => IsPlain(text) ? text.Length : JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length;

    private static int Encode(string text, Span<byte> target)
    {
        if (IsPlain(text)) return Encoding.ASCII.GetBytes(text, target);
        var encoded = JsonEncodedText.Encode(text).EncodedUtf8Bytes;
        encoded.CopyTo(target);
        return encoded.Length;
    }
}
