using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Bulk requests of the fake: each document by itself, answers in the order of the actions.</summary>
internal sealed class FakeBulk(FakeIndices indices, ServerFlavour flavour)
{
    private static readonly HashSet<string> Parameters = new(StringComparer.Ordinal)
    {
        "filter_path", "refresh", "timeout", "routing", "pipeline", "wait_for_active_shards", "require_alias", "_source", "_source_includes", "_source_excludes", "pretty", "error_trace", "human",
        "require_data_stream", "list_executed_pipelines", "include_source_on_error",
    };

    private long _generated;

    internal ServerAnswer Answer(ServerRequest request)
    {
        if (request.Query.Keys.FirstOrDefault(static name => !Parameters.Contains(name)) is { } unknown)
            return ServerAnswer.Error(400, "illegal_argument_exception", $"request [{request.Path}] contains unrecognized parameter: [{unknown}]");
        var (actions, refusal) = BulkBody.Read(request, flavour);
        if (refusal is not null) return refusal;
        var items = new ArrayBufferWriter<byte>(256 + (actions.Count * 200));
        using var writer = new Utf8JsonWriter(items, new JsonWriterOptions { Encoder = ErrorJson.Options.Encoder });
        var hasErrors = false;
        writer.WriteStartArray();
        foreach (var action in actions) hasErrors |= !Apply(writer, action);
        writer.WriteEndArray();
        writer.Flush();
        var head = hasErrors ? """{"took":3,"errors":true,"items":"""u8 : """{"took":3,"errors":false,"items":"""u8;
        byte[] body = [.. head, .. items.WrittenSpan, (byte)'}'];
        return FilterPath.Apply(ServerAnswer.Json(200, body), request);
    }

    private bool Apply(Utf8JsonWriter writer, ReceivedAction action)
    {
        var id = action.Id ?? string.Create(CultureInfo.InvariantCulture, $"generated-{++_generated:D10}");
        var (index, status, error) = indices.ForWriting(action.Index!, action.Operation);
        if (index is null || error is not null) return Refuse(writer, action, index?.Name ?? action.Index!, id, status, error!);
        if (index.WriteBlock is { } block) return Refuse(writer, action, index.Name, id, block.Status, ErrorJson.Of("cluster_block_exception", block.Reason));
        if (action.Operation == "delete")
        {
            var existed = index.Documents.Remove(id);
            return Accept(writer, action, index, id, 1, index.NextSequenceNumber++, existed ? 200 : 404, existed ? "deleted" : "not_found");
        }

        if (index.DataStream is not null && !HasTimestamp(action.Source))
            return Refuse(writer, action, index.Name, id, 400, ErrorJson.Of(flavour.ParsingError, "data stream timestamp field [@timestamp] is missing"));
        var known = index.Documents.GetValueOrDefault(id);
        var mismatch = index.Mapping.Check(action.Source, id);
        if (mismatch is not null) return Refuse(writer, action, index.Name, id, 400, mismatch);
        if (known is not null && action.Operation == "create")
        {
            return Refuse(writer, action, index.Name, id, 409, ErrorJson.Of("version_conflict_engine_exception", $"[{id}]: version conflict, document already exists (current version [{known.Version}])",
                ("index", index.Name), ("shard", "0"), ("index_uuid", index.Uuid)));
        }

        var stored = new FakeDocument(action.Source.ToArray(), (known?.Version ?? 0) + 1, index.NextSequenceNumber++);
        index.Documents[id] = stored;
        return Accept(writer, action, index, id, stored.Version, stored.SequenceNumber, known is null ? 201 : 200, known is null ? "created" : "updated");
    }

    private bool Accept(Utf8JsonWriter writer, ReceivedAction action, FakeIndex index, string id, long version, long sequenceNumber, int status, string result)
    {
        Begin(writer, action, index.Name, id);
        writer.WriteNumber("_version", version);
        writer.WriteString("result", result);
        writer.WriteStartObject("_shards");
        writer.WriteNumber("total", index.Copies);
        writer.WriteNumber("successful", 1);
        writer.WriteNumber("failed", 0);
        writer.WriteEndObject();
        writer.WriteNumber("_seq_no", sequenceNumber);
        writer.WriteNumber("_primary_term", 1);
        writer.WriteNumber("status", status);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return true;
    }

    private bool Refuse(Utf8JsonWriter writer, ReceivedAction action, string index, string id, int status, JsonObject error)
    {
        Begin(writer, action, index, id);
        writer.WriteNumber("status", status);
        writer.WritePropertyName("error");
        error.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return false;
    }

    private void Begin(Utf8JsonWriter writer, ReceivedAction action, string index, string id)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(action.Operation);
        writer.WriteString("_index", index);
        if (flavour.ShowsTypes) writer.WriteString("_type", "_doc");
        writer.WriteString("_id", id);
    }

    private static bool HasTimestamp(ReadOnlyMemory<byte> source)
    {
        try
        {
            using var document = JsonDocument.Parse(source);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("@timestamp", out var time) && time.ValueKind is JsonValueKind.String or JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
