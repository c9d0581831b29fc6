using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Tests.Collector.Search.Documents;

/// <summary>The documents of <see cref="SomeRecords"/>, by the names of their golden files.</summary>
internal static class GoldenDocuments
{
    internal static readonly DocumentPlaces Places = new("default", "http://collector.example:9461");

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static DocumentPrivacy OpenPrivacy => new(new PrivacySettings(), null);

    internal static IReadOnlyList<(string Name, SearchStream Stream, SourceDocument Document)> All(DocumentPrivacy privacy, DocumentPlaces? places = null) =>
    [
        .. SomeRecords.Events.Select(one => ($"event-{one.Name}", SearchStream.Event, EventDocument.Of(1, one.Record with { Id = EventId.Of(one.Name) }, places ?? Places, privacy))),
        .. SomeRecords.Audit.Select(one => ($"audit-{one.Name}", SearchStream.Audit, AuditDocument.Of(1, one.Entry, places ?? Places, privacy))),
        .. SomeRecords.Captures.Select(one => ($"capture-{one.Name}", SearchStream.Capture, Of(one.Manifest, one.Summaries, privacy, places ?? Places))),
    ];

    internal static SourceDocument Of(CaptureManifest manifest, ProfilerSummary[] summaries, DocumentPrivacy privacy, DocumentPlaces places) =>
        CaptureDocument.Of(1, manifest, summaries, SomeRecords.Start.AddMinutes(1), places, privacy);

    internal static string Text(SourceDocument document)
    {
        using var json = JsonDocument.Parse(document.Json);
        return JsonSerializer.Serialize(json.RootElement, Indented) + "\n";
    }

    /// <summary>The full names of the fields of a document; a map ends where it begins.</summary>
    internal static SortedSet<string> FieldsOf(SourceDocument document)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var json = JsonDocument.Parse(document.Json);
        Walk(json.RootElement, "", names);
        return names;
    }

    internal static string Json(SourceDocument document) => Encoding.UTF8.GetString(document.Json.Span);

    private static void Walk(JsonElement element, string name, SortedSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Walk(item, name, names);
        }
        else if (element.ValueKind == JsonValueKind.Object && !DocumentFields.All.Any(field => field.Name == name && field.Type == FieldType.Flattened))
        {
            foreach (var property in element.EnumerateObject()) Walk(property.Value, name.Length == 0 ? property.Name : $"{name}.{property.Name}", names);
        }
        else
        {
            names.Add(name);
        }
    }
}
