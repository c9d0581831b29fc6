using System.Text;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>What makes a document one that cannot be sent: it would break the lines of the request for the others too.</summary>
internal static class DocumentFault
{
    /// <summary>Limits of Elasticsearch and OpenSearch on both names, in bytes of UTF-8.</summary>
    private const int IdBytesAtMost = 512;
    private const int IndexBytesAtMost = 255;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The fault; null for a document that can be sent.</summary>
    internal static ServerError? Of(SourceDocument document)
    {
        if (Bytes(document.Index) is var index and (< 1 or > IndexBytesAtMost)) return Fault($"the name of its index has {Shown(index)}, 1 to {IndexBytesAtMost} are allowed");
        if (Bytes(document.Id) is var id and (< 1 or > IdBytesAtMost)) return Fault($"its _id has {Shown(id)}, 1 to {IdBytesAtMost} are allowed");
        var json = document.Json.Span;
        if (json.IsEmpty || json[0] != (byte)'{') return Fault("it does not begin as a JSON object");
        return json.Contains((byte)'\n') ? Fault("it has more than one line") : null;
    }

    /// <summary>Bytes of UTF-8; -1 for half a surrogate pair, which has none.</summary>
    private static int Bytes(string text)
    {
        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return -1;
        }
    }

    private static string Shown(int bytes) => bytes < 0 ? "half a surrogate pair" : $"{bytes} bytes";

    private static ServerError Fault(string why) => new("not_sent", why);
}
