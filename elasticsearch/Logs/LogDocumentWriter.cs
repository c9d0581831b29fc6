using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Monitoring.Elasticsearch.Logs;

/// <summary>Writes a line of a log as a document in the terms of the Elastic Common Schema, of bounded size.</summary>
public sealed class LogDocumentWriter(LogOrigin origin)
{
    /// <summary>Longest document; what is longer is cut in its texts. The collector takes lines of this size.</summary>
    public const int MostBytes = 32 << 10;

    // Characters at first; where a document grows too long by escapes, a quarter of them, and again.
    private const int MostMessage = 8192;
    private const int MostTrace = 12288;
    private const int MostTemplate = 1024;
    private const int MostLabels = 32;
    private const int MostLabelName = 128;
    private const int MostLabel = 512;
    private const int MostShrinks = 4;

    // As on standard output: texts without quotes.
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document of a line on one line of JSON.</summary>
    /// <param name="line">The line.</param>
    /// <param name="id">Its id.</param>
    public byte[] Write(LogEvent line, string id)
    {
        for (var shrinks = 0; ; shrinks++)
        {
            var buffer = new ArrayBufferWriter<byte>(1024);
            using (var writer = new Utf8JsonWriter(buffer, Options)) Write(writer, line, id, 2 * shrinks);
            if (buffer.WrittenCount <= MostBytes || shrinks == MostShrinks) return buffer.WrittenSpan.ToArray();
        }
    }

    private void Write(Utf8JsonWriter writer, LogEvent line, string id, int shift)
    {
        writer.WriteStartObject();
        writer.WriteString("@timestamp"u8, line.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        writer.WriteString("message"u8, Cut(Rendered(line), MostMessage >> shift));
        Group(writer, "ecs", ("version", "9.4.0"));
        Group(writer, "data_stream", ("type", "logs"), ("dataset", origin.Dataset), ("namespace", origin.Namespace));
        WriteEvent(writer, line, id);
        Group(writer, "log", ("level", LevelOf(line.Level)), ("logger", Scalar(line, "SourceContext")));
        Group(writer, "host", ("name", origin.Node));
        if (origin.Cluster.Length > 0)
        {
            writer.WriteStartObject("orchestrator"u8);
            Group(writer, "cluster", ("name", origin.Cluster));
            writer.WriteEndObject();
        }

        Group(writer, "service", ("name", origin.Service), ("version", origin.Version));
        if (origin.IsAgent) Group(writer, "agent", ("type", origin.Service), ("version", origin.Version));
        writer.WriteStartObject("process"u8);
        writer.WriteNumber("pid"u8, Environment.ProcessId);
        writer.WriteStartObject("thread"u8);
        writer.WriteNumber("id"u8, Environment.CurrentManagedThreadId);
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (line.Exception is { } fault)
            Group(writer, "error", ("type", fault.GetType().FullName), ("message", Cut(fault.Message, MostMessage >> shift)), ("stack_trace", Cut(fault.ToString(), MostTrace >> shift)));
        if (line.TraceId is { } trace) Group(writer, "trace", ("id", trace.ToHexString()));
        writer.WriteStartObject("gpu"u8);
        Group(writer, "log", ("template", Cut(line.MessageTemplate.Text, MostTemplate >> shift)));
        writer.WriteEndObject();
        WriteLabels(writer, line, shift);
        writer.WriteEndObject();
    }

    private void WriteEvent(Utf8JsonWriter writer, LogEvent line, string id)
    {
        writer.WriteStartObject("event"u8);
        writer.WriteString("kind"u8, "event"u8);
        writer.WriteString("module"u8, "gpu"u8);
        writer.WriteString("dataset"u8, origin.Dataset);
        writer.WriteString("id"u8, id);
        writer.WriteNumber("severity"u8, SeverityOf(line.Level));
        // Microsoft.Extensions.Logging names its messages by a number and, mostly, a name.
        if (line.Properties.GetValueOrDefault("EventId") is StructureValue number)
        {
            foreach (var part in number.Properties)
            {
                if (part is { Name: "Id", Value: ScalarValue { Value: int code } }) writer.WriteString("code"u8, code.ToString(CultureInfo.InvariantCulture));
                else if (part is { Name: "Name", Value: ScalarValue { Value: string { Length: > 0 } name } }) writer.WriteString("action"u8, Cut(name, MostLabel));
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter writer, LogEvent line, int shift)
    {
        var labels = line.Properties.Where(static one => one.Key is not ("SourceContext" or "EventId") && one.Value is ScalarValue { Value: not null }).Take(MostLabels >> (shift / 2)).ToList();
        if (labels.Count == 0) return;
        writer.WriteStartObject("labels"u8);
        foreach (var (name, value) in labels) writer.WriteString(Cut(name, MostLabelName >> shift), Cut(Text((ScalarValue)value), MostLabel >> shift));
        writer.WriteEndObject();
    }

    private static string Rendered(LogEvent line)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(line, text);
        return text.ToString();
    }

    /// <summary>Writes texts below a name; nothing where all of them are empty.</summary>
    private static void Group(Utf8JsonWriter writer, string name, params ReadOnlySpan<(string Name, string? Value)> texts)
    {
        var isOpen = false;
        foreach (var (inner, value) in texts)
        {
            if (string.IsNullOrEmpty(value)) continue;
            if (!isOpen) writer.WriteStartObject(name);
            isOpen = true;
            writer.WriteString(inner, value);
        }

        if (isOpen) writer.WriteEndObject();
    }

    private static string? Scalar(LogEvent line, string name) => line.Properties.GetValueOrDefault(name) is ScalarValue { Value: string text } ? Cut(text, MostLabel) : null;

    private static string Text(ScalarValue value) => value.Value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value.Value?.ToString() ?? "";

    /// <summary>A text that is not too long; no half of a character is left at its end, which would be no Unicode.</summary>
    private static string Cut(string text, int most)
    {
        if (text.Length <= most) return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "...");
    }

    private static string LevelOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "critical",
    };

    /// <summary>As syslog counts.</summary>
    private static int SeverityOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => 7,
        LogEventLevel.Information => 6,
        LogEventLevel.Warning => 4,
        LogEventLevel.Error => 3,
        _ => 2,
    };
}
