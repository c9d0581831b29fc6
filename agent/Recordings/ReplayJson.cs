using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Agent.Recordings;

/// <summary>A replay as JSON: the timeline and a count per rule of each rule set.</summary>
[JsonSerializable(typeof(ReplayDocument))]
internal sealed partial class ReplayJson : JsonSerializerContext
{
    // For terminals and files: a comparison is to read as one.
    private static readonly ReplayJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    internal static string Text(ReplayOutcome outcome) => JsonSerializer.Serialize(Document(outcome), Readable.ReplayDocument) + "\n";

    private static ReplayDocument Document(ReplayOutcome outcome) => new(
        outcome.Header.Node, outcome.Header.Cluster, ReplayEntry.Text(outcome.FirstUnixMicroseconds), ReplayEntry.Text(outcome.LastUnixMicroseconds),
        outcome.Frames, outcome.Events, outcome.Trouble.Length > 0 ? outcome.Trouble : null,
        [.. outcome.Timelines.Select(static timeline => new ReplayedSet(
            [.. timeline.Entries.Select(static entry => new ReplayedChange(
                entry.Time, entry.Rule.Name, entry.Gpu?.Reference.Index, entry.Gpu?.Uuid, entry.Instance.Length > 0 ? entry.Instance : null, entry.IsFiring ? "fired" : "cleared",
                entry.Acts.Length > 0 ? entry.Acts : null, entry.Why.Length > 0 ? entry.Why : null))],
            [.. timeline.Counts.Select(static count => new ReplayedRule(
                count.Rule.Name, count.Rule.Shadow, count.Fired, Math.Round(count.Firing.TotalSeconds, 3), count.Captures, count.Suppressed, count.StillFiring))]))]);
}

/// <summary>The document of a replay.</summary>
internal sealed record ReplayDocument(string Node, string Cluster, string First, string Last, long Frames, long Events, string? Trouble, IReadOnlyList<ReplayedSet> RuleSets);

/// <summary>What one rule set did.</summary>
internal sealed record ReplayedSet(IReadOnlyList<ReplayedChange> Timeline, IReadOnlyList<ReplayedRule> Rules);

/// <summary>A line of the timeline.</summary>
internal sealed record ReplayedChange(string Time, string Rule, int? Gpu, string? Uuid, string? Instance, string Change, string? Acts, string? Why);

/// <summary>The count of a rule.</summary>
internal sealed record ReplayedRule(string Rule, bool Shadow, int Fired, double FiringSeconds, int Captures, int HeldBack, int StillFiring);
