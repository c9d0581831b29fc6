using System.Text;

namespace OpenTelemetry.Exporter.Prometheus.Naming;

/// <summary>
/// UCUM units as words. Source of the rules and of the words:
/// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ (unit).
/// </summary>
internal static class UnitNames
{
    /// <summary>The suffix for an instrument's unit, or "" when it has none; "1" is for the caller to judge.</summary>
    internal static string Translate(string unit)
    {
        string bare = WithoutAnnotations(unit).Trim();
        int slash = bare.IndexOf('/');
        // "/s" has nothing that is counted, "By/" nothing it is counted per.
        string words = slash >= 0 && slash < bare.Length - 1
            ? $"{Plural(bare[..slash])}_per_{Singular(bare[(slash + 1)..])}"
            : Plural(bare);
        return PrometheusNames.CollapseToLegal(words, colonIsLegal: true).Trim('_');
    }

    /// <summary>"{packets}/s" counts packets, which says nothing about the unit: what stands in braces is dropped.</summary>
    private static string WithoutAnnotations(string unit)
    {
        if (!unit.Contains('{'))
            return unit;
        StringBuilder kept = new(unit.Length);
        for (int i = 0; i < unit.Length; i++)
        {
            int close = unit[i] == '{' ? unit.IndexOf('}', i) : -1;
            if (close >= 0)
                i = close;
            else
                kept.Append(unit[i]);
        }
        return kept.ToString();
    }

    private static string Plural(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" or "B" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tibibytes",
        "KBy" or "KB" => "kilobytes",
        "MBy" or "MB" => "megabytes",
        "GBy" or "GB" => "gigabytes",
        "TBy" or "TB" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "1" => "",
        "%" => "percent",
        "$" => "dollars",
        _ => unit,
    };

    private static string Singular(string unit) => unit switch
    {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => unit,
    };
}
