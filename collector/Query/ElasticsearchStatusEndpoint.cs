using System.Text.Json;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Search;
using Monitoring.Elasticsearch.Delivery;

namespace Monitoring.Collector.Query;

/// <summary>Serves <c>/api/v1/elasticsearch</c>: whether it is used, which server answers, what waits and what is wrong, in words.</summary>
internal sealed class ElasticsearchStatusEndpoint(ElasticsearchSettings settings, IServiceProvider services)
{
    /// <summary>Answers.</summary>
    public Task HandleAsync(HttpContext context) => CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, Write);

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("is_used"u8, settings.IsUsed);
        if (services.GetService<SearchDelivery>() is { } delivery && services.GetService<PreparedServer>() is { } prepared)
        {
            WriteServer(writer, prepared);
            writer.WriteStartArray("streams"u8);
            foreach (var tally in delivery.Tallies) WriteStream(writer, tally);
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteString("words"u8, "elasticsearch.connection.urls is empty: events, captures and the audit are found here, at /api/v1/events, /api/v1/captures and /api/v1/captures/audit");
        }
        writer.WriteEndObject();
    }

    private void WriteServer(Utf8JsonWriter writer, PreparedServer prepared)
    {
        writer.WriteBoolean("is_ready"u8, prepared.Report is not null);
        if (prepared.Trouble is { } trouble) writer.WriteString("trouble"u8, trouble);
        writer.WriteString("namespace"u8, settings.Namespace);
        if (prepared.Report is not { } report) return;
        writer.WriteString("server"u8, report.Server.ToString());
        writer.WriteString("policies"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(report.Policies.ToString()));
        writer.WriteBoolean("collector_deletes"u8, report.CollectorDeletes);
        writer.WriteStartArray("notes"u8);
        foreach (var note in report.Notes) writer.WriteStringValue(note);
        writer.WriteEndArray();
    }

    private static void WriteStream(Utf8JsonWriter writer, StreamTally tally)
    {
        writer.WriteStartObject();
        writer.WriteString("stream"u8, tally.Stream);
        writer.WriteNumber("waiting"u8, tally.Waiting);
        writer.WriteNumber("sent"u8, tally.Sent);
        writer.WriteNumber("duplicates"u8, tally.Duplicates);
        writer.WriteNumber("retried"u8, tally.Retried);
        writer.WriteNumber("dead_letters"u8, tally.DeadLetters);
        writer.WriteStartObject("dropped"u8);
        foreach (var (reason, count) in tally.Dropped.OrderBy(static one => one.Key, StringComparer.Ordinal)) writer.WriteNumber(reason, count);
        writer.WriteEndObject();
        if (tally.LastSuccess is { } at) writer.WriteString("last_success"u8, at);
        if (tally.Trouble is { } trouble) writer.WriteString("trouble"u8, trouble);
        writer.WriteEndObject();
    }
}
