using System.Text.Json;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>Why no capture is taken, for machines and for people.</summary>
/// <param name="Refusal">The reason.</param>
/// <param name="Words">The same with the numbers and the remedy.</param>
internal sealed record CaptureRefused(CaptureRefusal Refusal, string Words)
{
    /// <summary>True where GPUs were still being opened when it was looked: it says no more than that the agent was started a moment ago.</summary>
    internal bool IsEarly { get; init; }

    /// <summary>As events and answers say it.</summary>
    public override string ToString() => $"refused: {CaptureWords.Of(Refusal)}: {Words}";
}

/// <summary>Enums of captures as the words that JSON has for them.</summary>
internal static class CaptureWords
{
    internal static string Of(CaptureRefusal refusal) => JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString());

    internal static string Of(CaptureStage stage) => JsonNamingPolicy.SnakeCaseLower.ConvertName(stage.ToString());
}
