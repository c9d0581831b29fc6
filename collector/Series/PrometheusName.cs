namespace Monitoring.Collector.Series;

/// <summary>Translates OpenTelemetry's names to Prometheus' by the standard rule, so that both roads give the same series.</summary>
internal static class PrometheusName
{
    /// <summary>The family's name as its samples show it: unit last, then <c>_total</c> on counters; and the unit's words, empty where it has none.</summary>
    /// <param name="name">The instrument's name: <c>gpu.temperature</c>.</param>
    /// <param name="unit">Its UCUM unit: <c>Cel</c>.</param>
    /// <param name="kind">What it becomes.</param>
    /// <param name="isOtlpGauge">Whether it came as a gauge: only there does unit <c>1</c> mean a ratio.</param>
    public static (string Name, string Unit) Translate(string name, string unit, SeriesKind kind, bool isOtlpGauge)
    {
        var words = Words(name);
        if (words.Count == 0) return ("", "");

        var (main, per) = PrometheusUnit.Translate(unit);
        if (main.Length > 0 && !ContainsRun(words, main)) words.Add(main);
        if (per.Length > 0 && !ContainsRun(words, per)) words.Add(per);
        var unitWords = (main, per) switch
        {
            ("", "") => "",
            (_, "") => main,
            ("", _) => per,
            _ => main + "_" + per,
        };

        if (kind == SeriesKind.Counter)
        {
            words.RemoveAll(static word => word == "total");
            words.Add("total");
        }
        else if (isOtlpGauge && unit.Trim() == "1")
        {
            words.RemoveAll(static word => word == "ratio");
            words.Add("ratio");
            unitWords = "ratio";
        }

        var joined = string.Join('_', words);
        return (char.IsAsciiDigit(joined[0]) ? "_" + joined : joined, unitWords);
    }

    /// <summary>
    /// A label's name: what Prometheus does not allow becomes one underscore, also where several stand together, which keeps
    /// the names that begin with two of them (reserved by Prometheus) out of reach. Empty where nothing is left.
    /// </summary>
    public static string Label(string key)
    {
        var label = new char[key.Length + 1];
        var length = 0;
        foreach (var character in key)
        {
            var allowed = char.IsAsciiLetterOrDigit(character);
            if (allowed && length == 0 && char.IsAsciiDigit(character)) label[length++] = '_';
            if (allowed) label[length++] = character;
            else if (length == 0 || label[length - 1] != '_') label[length++] = '_';
        }

        return length == 1 && label[0] == '_' ? "" : new string(label, 0, length);
    }

    /// <summary>The letters, digits and colons of a text, in words joined by underscores.</summary>
    public static string JoinWords(string text) => string.Join('_', Words(text));

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var start = -1;
        for (var index = 0; index <= text.Length; index++)
        {
            var inside = index < text.Length && (char.IsAsciiLetterOrDigit(text[index]) || text[index] == ':');
            if (inside && start < 0) start = index;
            if (inside || start < 0) continue;
            words.Add(text[start..index]);
            start = -1;
        }

        return words;
    }

    private static bool ContainsRun(List<string> words, string joined)
        => ("_" + string.Join('_', words) + "_").Contains("_" + joined + "_", StringComparison.Ordinal);
}
