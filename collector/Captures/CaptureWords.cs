using System.Text.Json;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>Stages and refusals as the words that events, metrics and searches use.</summary>
internal static class CaptureWords
{
    /// <summary>A stage as a word.</summary>
    public static string Of(CaptureStage stage) => JsonNamingPolicy.SnakeCaseLower.ConvertName(stage.ToString());

    /// <summary>A refusal as a word.</summary>
    public static string Of(CaptureRefusal refusal) => JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString());
}
