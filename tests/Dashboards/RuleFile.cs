using YamlDotNet.RepresentationModel;

namespace Monitoring.Tests.Dashboards;

/// <summary>The rules in a file of Prometheus.</summary>
internal static class RuleFile
{
    /// <summary>The files that are shipped.</summary>
    internal static IReadOnlyList<string> Paths { get; } = [.. Directory.GetFiles(RepositoryRoot.Combine("dashboards", "prometheus"), "*.rules.yaml").Order(StringComparer.Ordinal)];

    /// <summary>Every rule of every file.</summary>
    internal static IReadOnlyList<Rule> All { get; } = [.. Paths.SelectMany(Read)];

    private static IEnumerable<Rule> Read(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(path);
        stream.Load(reader);
        return
            from @group in Children(stream.Documents[0].RootNode, "groups")
            from rule in Children(@group, "rules")
            let labels = rule.Children.TryGetValue("labels", out var found) ? ((YamlMappingNode)found).Children.Keys.Select(static key => key.ToString()).ToArray() : []
            select new Rule(Path.GetFileName(path), Text(rule, "record"), Text(rule, "alert"), Text(rule, "expr"), labels);
    }

    private static IEnumerable<YamlMappingNode> Children(YamlNode node, string name) => ((YamlSequenceNode)((YamlMappingNode)node).Children[name]).OfType<YamlMappingNode>();

    private static string Text(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var text) ? text.ToString() : "";

    /// <summary>A rule: either a series that it records, or an alert.</summary>
    /// <param name="Labels">Labels that it adds.</param>
    internal sealed record Rule(string File, string Record, string Alert, string Expression, IReadOnlyList<string> Labels)
    {
        public override string ToString() => $"{File}, {(Record.Length > 0 ? Record : Alert)}";
    }
}
