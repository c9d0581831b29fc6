using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Events;

/// <summary>Events as JSON: snake_case names, enums as words, nothing for null. The wire format and the one on disk.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EventRecord))]
[JsonSerializable(typeof(EventRecord[]))]
public sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>An event as UTF-8 JSON on one line.</summary>
    public static byte[] Write(EventRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Default.EventRecord);

    /// <summary>Reads one event.</summary>
    /// <exception cref="JsonException">The text is no event: bad JSON, a required property missing, or a bad id.</exception>
    public static EventRecord Read(ReadOnlySpan<byte> json)
    {
        var record = JsonSerializer.Deserialize(json, Default.EventRecord) ?? throw new JsonException("null is no event");
        return EventId.IsValid(record.Id) ? record : throw new JsonException($"id '{record.Id}' is not 32 lower-case hexadecimal digits");
    }
}
