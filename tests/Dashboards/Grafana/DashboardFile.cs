using System.Text.Json;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>A dashboard as it is committed, read as Grafana would.</summary>
internal sealed class DashboardFile
{
    private DashboardFile(string path)
    {
        Path = path;
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        Json = document.RootElement.Clone();
    }

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<DashboardFile> All { get; } =
        [.. Directory.GetFiles(RepositoryRoot.Combine("dashboards", "grafana"), "*.json").Order(StringComparer.Ordinal).Select(static path => new DashboardFile(path))];

    /// <summary>Their uids, for theories.</summary>
    internal static IEnumerable<string> Uids => All.Select(static dashboard => dashboard.Uid);

    internal string Path { get; }

    internal JsonElement Json { get; }

    internal string Uid => Json.GetProperty("uid").GetString()!;

    /// <summary>Every variable, in order.</summary>
    internal IReadOnlyList<JsonElement> Variables => [.. Json.GetProperty("templating").GetProperty("list").EnumerateArray()];

    internal IReadOnlyList<string> VariableNames => [.. Variables.Select(static variable => variable.GetProperty("name").GetString()!)];

    internal IReadOnlyList<JsonElement> Annotations => [.. Json.GetProperty("annotations").GetProperty("list").EnumerateArray()];

    /// <summary>Titles of rows.</summary>
    internal IReadOnlyList<JsonElement> RowPanels => [.. Json.GetProperty("panels").EnumerateArray().Where(IsRow)];

    /// <summary>Every panel, those of collapsed rows too, the titles of rows left out.</summary>
    internal IReadOnlyList<JsonElement> Panels =>
    [
        .. Json.GetProperty("panels").EnumerateArray().SelectMany(static panel => IsRow(panel) ? panel.GetProperty("panels").EnumerateArray() : Enumerable.Repeat(panel, 1)),
    ];

    /// <summary>Every question of every panel to Prometheus.</summary>
    internal IEnumerable<PanelQuery> Queries =>
        from panel in Panels
        from target in panel.GetProperty("targets").EnumerateArray()
        where target.GetProperty("datasource").GetProperty("type").GetString() == "prometheus"
        select new PanelQuery(Uid, panel.GetProperty("title").GetString()!, target.GetProperty("refId").GetString()!, target.GetProperty("expr").GetString()!)
        {
            Legend = target.GetProperty("legendFormat").GetString()!, IsInstant = target.GetProperty("instant").GetBoolean(),
        };

    /// <summary>Every question of every annotation to Prometheus.</summary>
    internal IEnumerable<PanelQuery> AnnotationQueries =>
        from annotation in Annotations
        where annotation.GetProperty("datasource").GetProperty("type").GetString() == "prometheus"
        select new PanelQuery(Uid, $"annotation {annotation.GetProperty("name").GetString()}", "Anno", annotation.GetProperty("target").GetProperty("expr").GetString()!)
        {
            Legend = string.Concat(annotation.GetProperty("titleFormat").GetString(), annotation.GetProperty("textFormat").GetString()),
        };

    /// <summary>Every question of every panel to Elasticsearch, as Lucene text.</summary>
    internal IEnumerable<PanelQuery> Searches =>
        from panel in Panels
        from target in panel.GetProperty("targets").EnumerateArray()
        where target.GetProperty("datasource").GetProperty("type").GetString() == "elasticsearch"
        select new PanelQuery(Uid, panel.GetProperty("title").GetString()!, target.GetProperty("refId").GetString()!, target.GetProperty("query").GetString()!);

    /// <summary>Every question of every annotation to Elasticsearch.</summary>
    internal IEnumerable<PanelQuery> AnnotationSearches =>
        from annotation in Annotations
        where annotation.GetProperty("datasource").GetProperty("type").GetString() == "elasticsearch"
        select new PanelQuery(Uid, $"annotation {annotation.GetProperty("name").GetString()}", "Anno", annotation.GetProperty("target").GetProperty("query").GetString()!);

    /// <summary>A property anywhere in it, with each of its values.</summary>
    internal IEnumerable<JsonElement> Everywhere(string property) => Find(Json, property);

    public override string ToString() => Uid;

    private static bool IsRow(JsonElement panel) => panel.GetProperty("type").GetString() == "row";

    private static IEnumerable<JsonElement> Find(JsonElement json, string property) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(one => one.Name == property ? Find(one.Value, property).Prepend(one.Value) : Find(one.Value, property)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(one => Find(one, property)),
        _ => [],
    };
}

/// <summary>A question of a panel.</summary>
internal sealed record PanelQuery(string Dashboard, string Panel, string Reference, string Text)
{
    public string Legend { get; init; } = "";

    public bool IsInstant { get; init; }

    /// <summary>The text with what Grafana puts in for its own words and for the choices at the top.</summary>
    internal string With(IReadOnlyDictionary<string, string> choices)
    {
        var text = Text;
        foreach (var (name, value) in choices.OrderByDescending(static choice => choice.Key.Length))
            text = text.Replace($"${{{name}:regex}}", value, StringComparison.Ordinal).Replace($"${name}", value, StringComparison.Ordinal);
        return text;
    }

    public override string ToString() => $"{Dashboard}, {Panel}, {Reference}: {Text}";
}
