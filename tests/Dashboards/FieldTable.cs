using System.Text.RegularExpressions;

namespace Monitoring.Tests.Dashboards;

/// <summary>The fields of documents as <c>docs/elasticsearch-fields.md</c> tells people of them.</summary>
internal static partial class FieldTable
{
    private static readonly string[] Streams = ["event", "capture", "audit", "agent", "collector"];

    /// <summary>By full name: how it is searched, and the streams whose documents may have it.</summary>
    internal static IReadOnlyDictionary<string, (string Type, IReadOnlyList<string> Streams)> All { get; } = File
        .ReadLines(RepositoryRoot.Combine("docs", "elasticsearch-fields.md"))
        .Select(static line => Row().Match(line))
        .Where(static row => row.Success)
        .ToDictionary(
            static row => row.Groups["name"].Value,
            static row => (row.Groups["type"].Value, (IReadOnlyList<string>)(row.Groups["streams"].Value == "all" ? Streams : row.Groups["streams"].Value.Split(", "))));

    /// <summary>The streams that a data view looks at, such as <c>logs-gpu.agent-*,logs-gpu.collector-*</c>.</summary>
    internal static IEnumerable<string> StreamsOf(string pattern) => pattern.Split(',').Select(static one => Stream().Match(one).Groups["stream"].Value);

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| (?<type>[a-z ]+?)(, list)? \| (?<streams>all|(?:event|capture|audit|agent|collector)(?:, [a-z]+)*) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"^logs-gpu\.(?<stream>[a-z]+)-")]
    private static partial Regex Stream();
}
