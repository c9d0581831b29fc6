using System.Globalization;
using System.Text.Json;

namespace Monitoring.Cli;

/// <summary>A capture as a person reads it.</summary>
internal static class CaptureText
{
    internal static async Task WriteAsync(TextWriter output, JsonElement capture)
    {
        var request = Part(capture, "request");
        var manifest = Part(capture, "manifest");
        // A bundle knows its own request, and where the collector was not asked it alone does.
        if (request.ValueKind != JsonValueKind.Object) request = Part(manifest, "request");
        var trigger = Part(request, "trigger");
        await RowAsync("capture", capture.Text("id"));
        await RowAsync("node", capture.Text("node"));
        await RowAsync("stage", capture.Text("stage"));
        await RowAsync("words", capture.Text("words"));
        await RowAsync("refusal", capture.Text("refusal"));
        await RowAsync("asked by", $"{trigger.Text("kind")} {trigger.Text("name")}".Trim());
        await RowAsync("reason", trigger.Text("reason"));
        await RowAsync("control of", request.Text("control_of"));
        await RowAsync("recorded", Span(manifest.Text("recorded_from"), manifest.Text("recorded_to")));
        await RowAsync("pinned", capture.Text("is_pinned") == "true" ? "yes" : "");
        foreach (var run in Items(manifest, "runs")) await RowAsync("profiler", $"{run.Text("profiler")}: {(run.Text("succeeded") == "true" ? "done" : "nothing")}{(run.Text("words") is { Length: > 0 } words ? ": " + words : "")}");
        foreach (var file in Items(manifest, "files"))
            await RowAsync("file", $"{file.Text("name")} ({file.Text("kind")}, {(long.TryParse(file.Text("size_bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? Words.Bytes(bytes) : "?")})");
        foreach (var sentence in Sentences(Part(capture, "summary"))) await RowAsync("says", sentence);

        async Task RowAsync(string name, string value)
        {
            if (value.Length > 0) await output.WriteLineAsync($"{name,-10}  {Words.Plain(value)}");
        }
    }

    /// <summary>The sentences of triage, wherever they stand in the summaries.</summary>
    private static IEnumerable<string> Sentences(JsonElement summary) => Lists(summary, "triage").SelectMany(static list => list.EnumerateArray()).Select(static one => one.ValueKind == JsonValueKind.String ? one.GetString() ?? "" : one.Text("words"));

    /// <summary>The texts of the list of a name.</summary>
    internal static IEnumerable<string> Sentences(JsonElement element, string name) => Items(element, name).Where(static one => one.ValueKind == JsonValueKind.String).Select(static one => one.GetString() ?? "");

    private static IEnumerable<JsonElement> Lists(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(one => Lists(one, name)),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => property.Name == name && property.Value.ValueKind == JsonValueKind.Array ? [property.Value] : Lists(property.Value, name)),
        _ => [],
    };

    private static JsonElement Part(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) ? part : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string name) => Part(element, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static string Span(string from, string to) => from.Length > 0 ? $"{Words.Time(from)} to {Words.Time(to)}" : "";
}
