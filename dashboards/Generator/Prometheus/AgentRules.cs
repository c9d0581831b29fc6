using YamlDotNet.RepresentationModel;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>The anomaly rules that come with the agent, by name.</summary>
internal static class AgentRules
{
    private static readonly string[] s_file = ["..", "agent", "Detection", "Rules", "shipped.yaml"];

    /// <summary>The names in the order of the file.</summary>
    /// <param name="directory">The path of <c>dashboards/</c>.</param>
    internal static IReadOnlyList<string> Names(string directory)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(Path.Combine([directory, .. s_file]));
        stream.Load(reader);
        var rules = (YamlMappingNode)((YamlMappingNode)stream.Documents[0].RootNode).Children[new YamlScalarNode("rules")];
        return [.. rules.Children.Keys.Select(static name => ((YamlScalarNode)name).Value ?? "")];
    }
}
