using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Tests.Collector;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>What the script of the pipeline makes of an event.</summary>
/// <param name="Document">The event as it leaves.</param>
/// <param name="Index">Where it is stored; null for what was not understood.</param>
/// <param name="Id">Its id; null for what was not understood.</param>
/// <param name="Tags">Marks for the outputs.</param>
internal sealed record FilteredEvent(JsonObject Document, string? Index, string? Id, IReadOnlyList<string> Tags)
{
    /// <summary>The document's fields by full name; lists of objects as they are.</summary>
    internal IReadOnlyDictionary<string, JsonNode> Fields => Flat(Document).ToDictionary(static one => one.Key, static one => one.Value);

    /// <summary>Fields by full name.</summary>
    internal static IEnumerable<KeyValuePair<string, JsonNode>> Flat(JsonObject document, string prefix = "") => document.SelectMany(field => field.Value switch
    {
        JsonObject inner => Flat(inner, $"{prefix}{field.Key}."),
        { } value => [new KeyValuePair<string, JsonNode>(prefix + field.Key, value)],
        _ => [],
    });
}

/// <summary>Runs <c>gpu_documents.rb</c> under a real Ruby, in a stand-in for Logstash's ruby filter.</summary>
internal static class DocumentScript
{
    private static readonly string Folder = RepositoryRoot.Combine("dashboards", "logstash", "scripts");

    /// <summary>The events that each line becomes.</summary>
    internal static async Task<IReadOnlyList<IReadOnlyList<FilteredEvent>>> RunAsync(IEnumerable<string> lines)
    {
        var ruby = Requirement.Program("ruby");
        var driver = RepositoryRoot.Combine("tests", "Dashboards", "Logstash", "logstash_events.rb");
        var parameters = new JsonObject { ["catalogue"] = Path.Combine(Folder, "xid-catalogue.json"), ["namespace"] = "default", ["cluster"] = "c" };
        var (code, output) = await ChildProcess.RunAsync(ruby, ["-W0", driver, Path.Combine(Folder, "gpu_documents.rb"), parameters.ToJsonString()], string.Concat(lines.Select(static line => line + "\n")));
        code.Should().Be(0, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => (IReadOnlyList<FilteredEvent>)[.. JsonNode.Parse(line)!.AsArray().Select(Read)])];
    }

    /// <summary>The one event that a line becomes.</summary>
    internal static async Task<FilteredEvent> RunAsync(string line) => (await RunAsync([line])).Single().Single();

    private static FilteredEvent Read(JsonNode? made)
    {
        var document = made!["document"]!.AsObject();
        return new FilteredEvent(document, (string?)made["index"], (string?)made["id"], [.. made["tags"]!.AsArray().Select(static tag => (string)tag!)]);
    }
}
