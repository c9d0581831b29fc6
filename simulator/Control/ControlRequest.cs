using System.Text.Json.Serialization;

namespace Monitoring.Simulator.Control;

/// <summary>What a person asks a running node for, as one line of JSON.</summary>
/// <param name="Action">start or stop.</param>
/// <param name="Incident">Name of the incident; with stop null stands for all.</param>
/// <param name="Gpu">Index of the GPU; null for all.</param>
/// <param name="Duration">How long it shall last, as in scenarios; null until it is stopped.</param>
/// <param name="Parameters">Values of its parameters.</param>
internal sealed record ControlRequest(string Action, string? Incident, int? Gpu, string? Duration, Dictionary<string, string>? Parameters);

/// <summary>The answer: what was done, or what is wrong.</summary>
internal sealed record ControlReply(bool Done, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
internal sealed partial class ControlJson : JsonSerializerContext;
