using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Contracts.Commands;

/// <summary>What people and programs ask of captures as JSON: snake_case names, enums as words, nothing for null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CaptureOrder))]
[JsonSerializable(typeof(CaptureOrderAnswer))]
[JsonSerializable(typeof(OrderedCapture))]
[JsonSerializable(typeof(CaptureGroup))]
[JsonSerializable(typeof(CaptureProgress))]
[JsonSerializable(typeof(CommandError))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(ScheduleDefinition))]
[JsonSerializable(typeof(ScheduleStatus))]
[JsonSerializable(typeof(ScheduleList))]
public sealed partial class OrderJson : JsonSerializerContext
{
    /// <summary>With as few escapes as JSON allows: the texts are for people and never part of a page. A name that is not known is no mistake here.</summary>
    public static OrderJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
