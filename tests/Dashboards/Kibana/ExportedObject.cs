using System.Text.Json.Nodes;

namespace Monitoring.Tests.Dashboards.Kibana;

/// <summary>An object as it stands in a committed file of saved objects.</summary>
/// <param name="Type">Such as <c>dashboard</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Json">The whole line.</param>
internal sealed record ExportedObject(string Type, string Id, JsonObject Json)
{
    /// <summary>What it holds.</summary>
    internal JsonObject Attributes => Json["attributes"]!.AsObject();

    /// <summary>What it needs: by name, the type and the id.</summary>
    internal IReadOnlyDictionary<string, (string Type, string Id)> References => Json["references"]!.AsArray().ToDictionary(
        static reference => (string)reference!["name"]!, static reference => ((string)reference!["type"]!, (string)reference["id"]!));

    /// <summary>A text of the attributes that is JSON itself.</summary>
    internal JsonNode Inner(string path)
    {
        JsonNode? node = Attributes;
        foreach (var part in path.Split('/')) node = node![part];
        return JsonNode.Parse((string)node!)!;
    }

    /// <summary>The objects of a file, without the line of export details; that comes back beside them.</summary>
    internal static (IReadOnlyList<ExportedObject> Objects, JsonObject Details) ReadFile(string name)
    {
        var lines = File.ReadAllLines(RepositoryRoot.Combine("dashboards", "kibana", name)).Select(static line => JsonNode.Parse(line)!.AsObject()).ToList();
        return ([.. lines.SkipLast(1).Select(static line => new ExportedObject((string)line["type"]!, (string)line["id"]!, line))], lines[^1]);
    }
}
