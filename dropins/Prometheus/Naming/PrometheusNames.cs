using System.Text;

namespace OpenTelemetry.Exporter.Prometheus.Naming;

/// <summary>
/// Metric and label names within Prometheus' classic alphabet, <c>[a-zA-Z_][a-zA-Z0-9_]*</c> (metric names also take <c>:</c>).
/// </summary>
internal static class PrometheusNames
{
    /// <summary>Each run of other characters becomes one underscore, and so does a leading digit.</summary>
    internal static string Metric(string name)
        => CollapseToLegal(name is [>= '0' and <= '9', ..] ? "_" + name[1..] : name, colonIsLegal: true);

    /// <summary>As for metrics, but a leading digit is kept behind an underscore. An empty key becomes "_".</summary>
    internal static string Label(string key) => key switch
    {
        "" => "_",
        [>= '0' and <= '9', ..] => CollapseToLegal("_" + key, colonIsLegal: false),
        _ => CollapseToLegal(key, colonIsLegal: false),
    };

    internal static string CollapseToLegal(string name, bool colonIsLegal)
    {
        if (IsLegal(name, colonIsLegal))
            return name;
        StringBuilder legal = new(name.Length);
        foreach (char character in name)
        {
            bool kept = char.IsAsciiLetterOrDigit(character) || (colonIsLegal && character == ':');
            if (kept)
                legal.Append(character);
            else if (legal.Length == 0 || legal[^1] != '_')
                legal.Append('_');
        }
        return legal.ToString();
    }

    private static bool IsLegal(string name, bool colonIsLegal)
    {
        char previous = '\0';
        foreach (char character in name)
        {
            bool kept = char.IsAsciiLetterOrDigit(character) || (colonIsLegal && character == ':') || (character == '_' && previous != '_');
            if (!kept)
                return false;
            previous = character;
        }
        return true;
    }
}
