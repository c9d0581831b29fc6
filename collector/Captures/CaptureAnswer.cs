using System.Text.Encodings.Web;
using System.Text.Json;

namespace Monitoring.Collector.Captures;

/// <summary>Answers about captures as JSON.</summary>
internal static class CaptureAnswer
{
    /// <summary>How answers are written: they are never part of a page, so quotes in words need no escapes.</summary>
    public static JsonWriterOptions Readable { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Refuses a request.</summary>
    /// <param name="reason">In a word, for programs.</param>
    /// <param name="error">What is wrong with which value, and the remedy.</param>
    /// <param name="missing">Files to be sent; null where that is not what is wrong.</param>
    public static Task RefuseAsync(HttpContext context, int status, string reason, string error, IReadOnlyList<string>? missing = null) => WriteAsync(context, status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("reason"u8, reason);
        writer.WriteString("error"u8, error);
        if (missing is not null)
        {
            writer.WriteStartArray("missing"u8);
            foreach (var name in missing) writer.WriteStringValue(name);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    });

    /// <summary>Writes an answer.</summary>
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        // What a HEAD asks for is the head.
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, Readable);
        write(writer);
        await writer.FlushAsync(context.RequestAborted);
    }
}
