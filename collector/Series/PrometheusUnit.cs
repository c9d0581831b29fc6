using System.Collections.Frozen;

namespace Monitoring.Collector.Series;

/// <summary>
/// Turns a UCUM unit into the words that Prometheus names end with. The rule and the words are those of OpenTelemetry's
/// Prometheus compatibility specification; prefixed electrical and clock units are added in the same spirit.
/// </summary>
internal static class PrometheusUnit
{
    private static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>
    {
        ["d"] = "days", ["h"] = "hours", ["min"] = "minutes", ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes", ["TiBy"] = "tibibytes",
        ["kBy"] = "kilobytes", ["KBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes", ["TBy"] = "terabytes", ["bit"] = "bits",
        ["m"] = "meters", ["g"] = "grams", ["kg"] = "kilograms",
        ["V"] = "volts", ["mV"] = "millivolts", ["A"] = "amperes", ["mA"] = "milliamperes", ["J"] = "joules", ["mJ"] = "millijoules",
        ["W"] = "watts", ["mW"] = "milliwatts", ["kW"] = "kilowatts",
        ["Cel"] = "celsius", ["Hz"] = "hertz", ["kHz"] = "kilohertz", ["MHz"] = "megahertz", ["GHz"] = "gigahertz", ["%"] = "percent",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> PerWords = new Dictionary<string, string>
    {
        ["s"] = "second", ["m"] = "minute", ["min"] = "minute", ["h"] = "hour", ["d"] = "day", ["w"] = "week", ["mo"] = "month", ["y"] = "year",
    }.ToFrozenDictionary();

    /// <summary>The unit's words: <c>seconds</c>; <c>bytes_per_second</c> comes as two. Either is empty where there is none; <c>1</c> has none.</summary>
    public static (string Unit, string Per) Translate(string unit)
    {
        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        var main = slash < 0 ? unit : unit[..slash];
        var per = slash < 0 ? "" : unit[(slash + 1)..];
        main = IsAnnotation(main) || main.Trim() == "1" ? "" : Words.GetValueOrDefault(main.Trim(), main.Trim());
        per = IsAnnotation(per) ? "" : PerWords.GetValueOrDefault(per.Trim(), per.Trim());
        var perWord = PrometheusName.JoinWords(per);
        return (PrometheusName.JoinWords(main), perWord.Length == 0 ? "" : "per_" + perWord);
    }

    // Annotations such as {device} name what is counted; they are no unit.
    private static bool IsAnnotation(string part) => part.Contains('{', StringComparison.Ordinal) || part.Contains('}', StringComparison.Ordinal);
}
