using System.Text.Json.Serialization;

namespace Monitoring.Collector.Commands;

/// <summary>The state of commands as JSON on disk.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PendingCommand))]
[JsonSerializable(typeof(PlacedOrder))]
[JsonSerializable(typeof(BudgetLease))]
internal sealed partial class StateJson : JsonSerializerContext;
