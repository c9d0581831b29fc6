using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings.Loading;

/// <summary>Lists and maps on one line, as the environment and the command line give them: <c>a,b</c> and <c>a=1,b=2</c>.</summary>
internal static class InlineText
{
    /// <summary>The text as the node that a file would give for this property.</summary>
    internal static SourceNode Node(PropertySchema property, Assignment assignment) => property.Shape switch
    {
        PropertyShape.List => new ListNode(assignment.Origin, [.. Parts(assignment.Text).Select(part => new ScalarNode(assignment.Origin, part))]),
        PropertyShape.Map when Parts(assignment.Text).All(static part => part.IndexOf('=', StringComparison.Ordinal) > 0) =>
            new MapNode(assignment.Origin, [.. Parts(assignment.Text).Select(part => Entry(part, assignment.Origin))]),
        _ => new ScalarNode(assignment.Origin, assignment.Text),
    };

    private static string[] Parts(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static MapEntry Entry(string part, string origin)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        return new MapEntry(part[..equals].TrimEnd(), origin, new ScalarNode(origin, part[(equals + 1)..].TrimStart()));
    }
}
