using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Captures;

/// <summary>Captures as JSON: snake_case names, enums as words, nothing for null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CaptureRequest))]
[JsonSerializable(typeof(CaptureProgress))]
[JsonSerializable(typeof(CaptureManifest))]
[JsonSerializable(typeof(ProfilerSummary))]
[JsonSerializable(typeof(ProfilerSummary[]))]
[JsonSerializable(typeof(SummaryComparison))]
public sealed partial class CaptureJson : JsonSerializerContext
{
    /// <summary>Indented and with as few escapes as JSON allows, for files that people open.</summary>
    public static CaptureJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
