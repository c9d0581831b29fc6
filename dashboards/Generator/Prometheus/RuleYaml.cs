using System.Text;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Writes the parts of a file of rules.</summary>
internal static class RuleYaml
{
    internal static void Group(StringBuilder text, string name, string interval) =>
        text.Append("\n  - name: ").Append(name).Append("\n    interval: ").Append(interval).Append("\n    rules:\n");

    internal static void Comment(StringBuilder text, string words) => text.Append("\n      # ").Append(words).Append('\n');

    internal static void Name(StringBuilder text, string kind, string name) => text.Append("      - ").Append(kind).Append(": ").Append(name).Append('\n');

    /// <summary>As a block, so that nothing in it needs to be quoted.</summary>
    internal static void Expression(StringBuilder text, string expression)
    {
        text.Append("        expr: |-\n");
        foreach (var line in expression.Split('\n')) text.Append("          ").Append(line.TrimEnd()).Append('\n');
    }

    internal static void Times(StringBuilder text, string held, string? kept)
    {
        text.Append("        for: ").Append(held).Append('\n');
        if (kept is not null) text.Append("        keep_firing_for: ").Append(kept).Append('\n');
    }

    internal static void Map(StringBuilder text, string key, IReadOnlyList<(string Name, string Value)> entries)
    {
        if (entries.Count == 0) return;
        text.Append("        ").Append(key).Append(":\n");
        foreach (var (name, value) in entries) text.Append("          ").Append(name).Append(": ").Append(Quoted(value)).Append('\n');
    }

    // Single quotes, in which only the quote itself is special.
    private static string Quoted(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
