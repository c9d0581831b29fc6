using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Commands;

/// <summary>Commands as JSON: snake_case names, enums as words, nothing for null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AgentCommand))]
[JsonSerializable(typeof(CaptureLeaseRequest))]
[JsonSerializable(typeof(CaptureLeaseAnswer))]
public sealed partial class CommandJson : JsonSerializerContext;
