using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Tests.Dashboards.Compose;

/// <summary>The services of <c>dashboards/compose/compose.yaml</c>, with merged keys and the defaults of its variables put in.</summary>
internal static partial class ComposeFile
{
    internal static string Folder { get; } = RepositoryRoot.Combine("dashboards", "compose");

    internal static string FileText { get; } = File.ReadAllText(Path.Combine(Folder, "compose.yaml"));

    /// <summary>Variables that are used, by name, with their default: null where there is none.</summary>
    internal static IReadOnlyDictionary<string, string?> Variables { get; } = VariableUse().Matches(FileText)
        .GroupBy(static match => match.Groups["name"].Value)
        .ToDictionary(static uses => uses.Key, static uses => uses.First().Groups["default"] is { Success: true } found ? found.Value : null);

    internal static IReadOnlySet<string> Volumes { get; } = Read("volumes").Children.Keys.Select(static key => key.ToString()).ToHashSet();

    internal static IReadOnlyList<Service> Services { get; } = [.. Read("services").Children.Select(static pair => Of(pair.Key.ToString(), (YamlMappingNode)pair.Value))];

    internal static Service Named(string name) => Services.Single(service => service.Name == name);

    private static Service Of(string name, YamlMappingNode node) => new(
        name,
        Texts(node, "profiles"),
        Value(node, "image"),
        Texts(node, "command"),
        Find(node, "environment") is YamlMappingNode environment ? environment.Children.ToDictionary(static pair => pair.Key.ToString(), static pair => Filled(pair.Value.ToString())) : [],
        [.. Texts(node, "volumes").Select(static text => text.Split(':')).Select(static parts => new Mount(parts[0], parts[1], parts.Length > 2 && parts[2] == "ro"))],
        Value(node, "network_mode"),
        Value(node, "restart"),
        Find(node, "healthcheck") is YamlMappingNode health ? Texts(health, "test") : []);

    private static string Value(YamlMappingNode node, string name) => Filled(Find(node, name)?.ToString() ?? "");

    private static List<string> Texts(YamlMappingNode node, string name) =>
        Find(node, name) is YamlSequenceNode found ? [.. found.Select(static text => Filled(text.ToString()))] : [];

    private static YamlNode? Find(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(name, out var found) ? found
        : node.Children.TryGetValue("<<", out var merged) ? Find((YamlMappingNode)merged, name)
        : null;

    private static string Filled(string text) => VariableUse().Replace(text, static match => match.Groups["default"].Value);

    private static YamlMappingNode Read(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(FileText));
        return (YamlMappingNode)yaml.Documents[0].RootNode[name];
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(:-(?<default>[^}]*)|:\?[^}]*)?\}")]
    private static partial Regex VariableUse();

    /// <summary>What is mounted where.</summary>
    /// <param name="Source">A path, or the name of a volume.</param>
    internal sealed record Mount(string Source, string Target, bool IsReadOnly)
    {
        internal bool IsVolume => !Source.StartsWith('.') && !Source.StartsWith('/');

        /// <summary>Where the source lies in the repository.</summary>
        internal string Path => System.IO.Path.GetFullPath(Source, Folder);
    }

    /// <summary>A service with its profiles; none means that it always starts.</summary>
    internal sealed record Service(
        string Name, IReadOnlyList<string> Profiles, string Image, IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment,
        IReadOnlyList<Mount> Mounts, string Network, string Restart, IReadOnlyList<string> Health)
    {
        /// <summary>The file of the repository that the container sees at a path; null where nothing is mounted there.</summary>
        internal string? InRepository(string path) => Mounts
            .Where(mount => !mount.IsVolume && (path == mount.Target || path.StartsWith(mount.Target + "/", StringComparison.Ordinal)))
            .OrderByDescending(static mount => mount.Target.Length)
            .Select(mount => mount.Path + path[mount.Target.Length..])
            .FirstOrDefault();

        /// <summary>Ports that it listens on, from its options and its environment.</summary>
        internal IEnumerable<string> Ports => Command.Where(static word => word.StartsWith("--web.listen-address=", StringComparison.Ordinal)).Select(static word => word.Split(':')[^1])
            .Concat(Environment.Where(static pair => pair.Key is "GF_SERVER_HTTP_PORT" or "http.port" or "SERVER_PORT").Select(static pair => pair.Value));
    }
}
