using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Agent.Shipping;

/// <summary>What a collector answers to a batch of events: each of them is taken, known already, or refused for good.</summary>
internal sealed record EventAnswer
{
    public required int Accepted { get; init; }

    public int Duplicates { get; init; }

    public IReadOnlyList<RejectedEvent> Rejected { get; init; } = [];

    /// <summary>Reads an answer; null for a text that is none, as of a receiver that says 200 to everything.</summary>
    internal static EventAnswer? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, EventAnswerJson.Default.EventAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>An event that the collector refused.</summary>
/// <param name="Line">Which line of the batch, from 1; 0 where the collector names the id alone.</param>
internal sealed record RejectedEvent(string? Id = null, int Line = 0, string Reason = "");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EventAnswer))]
internal sealed partial class EventAnswerJson : JsonSerializerContext;
