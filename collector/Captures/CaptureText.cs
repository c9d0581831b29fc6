using System.Text;
using System.Text.Json;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>What a search for words looks through: who asked and why, where, which processes, and what the summaries say.</summary>
internal static class CaptureText
{
    // Of each, what a person would search for is among the first words; the rest would be names of kernels without end.
    private const int MostManifestCharacters = 2048;
    private const int MostSummaryCharacters = 6144;
    private const int MostTriageCharacters = 600;
    private const string Triage = "triage";

    /// <summary>The text of a capture, in lower case.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="summary">The summaries as JSON; empty for none. What is no JSON is passed over.</param>
    public static string Of(CaptureManifest manifest, ReadOnlyMemory<byte> summary)
    {
        var text = new StringBuilder(OfRequest(manifest.Request));
        Add(text, MostManifestCharacters, manifest.Node, manifest.Cluster, manifest.Words, manifest.Job?.Id, manifest.Job?.Name, manifest.Job?.User, manifest.DriverVersion);
        foreach (var gpu in manifest.Gpus) Add(text, MostManifestCharacters, gpu.Model, gpu.Uuid, gpu.Serial);
        foreach (var run in manifest.Runs) Add(text, MostManifestCharacters, run.Profiler, run.Words);
        foreach (var process in manifest.Processes) Add(text, MostManifestCharacters, process.Name, process.User);
        AddSummary(text, summary);
        return text.ToString().ToLowerInvariant();
    }

    /// <summary>The text of a capture of which only the wish is known, in lower case.</summary>
    public static string Of(CaptureRequest request) => OfRequest(request).ToLowerInvariant();

    /// <summary>The sentences that the summaries draw first, one of each profiler; empty where they draw none.</summary>
    public static string TriageOf(ReadOnlyMemory<byte> summary)
    {
        if (summary.IsEmpty) return "";
        try
        {
            var summaries = JsonSerializer.Deserialize(summary.Span, CaptureJson.Default.ProfilerSummaryArray) ?? [];
            var findings = summaries.Select(static one => one?.Triage is [{ } first, ..] ? first : null).OfType<TriageFinding>().ToList();
            var telling = findings.Where(static finding => finding.Code != TriageCodes.Unremarkable).ToList();
            var words = string.Join(' ', (telling.Count > 0 ? telling : findings).Select(static finding => finding.Words).Distinct());
            return words.Length <= MostTriageCharacters ? words : words[..MostTriageCharacters] + "...";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // As above: the bundle is kept all the same.
            return "";
        }
    }

    /// <summary>The words of a search.</summary>
    public static IReadOnlyList<string> Words(string search) => [.. search.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct()];

    private static string OfRequest(CaptureRequest request)
    {
        var text = new StringBuilder();
        Add(text, MostManifestCharacters, request.Id, request.Group, request.Trigger.Kind, request.Trigger.Name, request.Trigger.Reason, request.Target.Node, request.Target.Job);
        return text.ToString();
    }

    private static void AddSummary(StringBuilder text, ReadOnlyMemory<byte> summary)
    {
        if (summary.IsEmpty) return;
        try
        {
            using var document = JsonDocument.Parse(summary);
            var most = text.Length + MostSummaryCharacters;
            // The sentences that the summaries draw first, whatever else there is no room for.
            Walk(document.RootElement, inTriage: false, wantsTriage: true, text, most);
            Walk(document.RootElement, inTriage: false, wantsTriage: false, text, most);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // No JSON, or a text in it that is no Unicode. The bundle's hash says that it is as the node made it; it is kept, and found by what came before.
        }
    }

    private static void Walk(JsonElement element, bool inTriage, bool wantsTriage, StringBuilder text, int most)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject()) Walk(property.Value, inTriage || property.NameEquals(Triage), wantsTriage, text, most);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Walk(item, inTriage, wantsTriage, text, most);
                break;
            case JsonValueKind.String when inTriage == wantsTriage && text.Length < most:
                Add(text, most, element.GetString());
                break;
        }
    }

    private static void Add(StringBuilder text, int most, params ReadOnlySpan<string?> words)
    {
        foreach (var word in words)
        {
            if (string.IsNullOrEmpty(word) || text.Length >= most) continue;
            if (text.Length > 0) text.Append('\n');
            text.Append(word.AsSpan(0, Math.Min(word.Length, most - text.Length + 1)));
        }
    }
}
