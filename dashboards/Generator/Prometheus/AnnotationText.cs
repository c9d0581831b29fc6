using System.Globalization;
using System.Text.RegularExpressions;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>
/// Makes annotations from texts with marks: <c>&lt;gpu&gt;</c> and <c>&lt;node&gt;</c> say where, <c>&lt;label:x&gt;</c> is a label, <c>&lt;value&gt;</c> the value, made
/// readable as <c>:count</c>, <c>:percent</c>, <c>:duration</c> or <c>:bytes</c>; <c>%x%</c> is a number of <c>values.yaml</c>, <c>%x:percent%</c> and <c>%x:gigabytes%</c> too.
/// </summary>
internal static partial class AnnotationText
{
    private const double Percent = 100;
    private const double Gigabyte = 1e9;

    /// <summary>The text as Prometheus and vmalert expand it.</summary>
    /// <exception cref="ValuesException">The text uses a number that there is not.</exception>
    internal static string Fill(string text, IReadOnlyDictionary<string, string> numbers, ISet<string> used)
    {
        var withNumbers = NumberMark().Replace(text, match => Number(match.Groups["name"].Value, match.Groups["form"].Value, numbers, used));
        return TemplateMark().Replace(withNumbers, static match => Template(match.Groups["name"].Value, match.Groups["form"].Value));
    }

    private static string Template(string name, string form) => (name, form) switch
    {
        ("gpu", "") => "GPU {{ $labels.gpu }} of {{ $labels.node }}",
        ("node", "") => "{{ $labels.node }}",
        ("label", _) => $"{{{{ $labels.{form} }}}}",
        ("value", "") => "{{ $value | humanize }}",
        ("value", "count") => "{{ printf \"%.0f\" $value }}",
        ("value", "percent") => "{{ $value | humanizePercentage }}",
        ("value", "duration") => "{{ $value | humanizeDuration }}",
        ("value", "bytes") => "{{ $value | humanize1024 }}B",
        _ => throw new ValuesException($"<{name}:{form}> is no mark of an annotation"),
    };

    private static string Number(string name, string form, IReadOnlyDictionary<string, string> numbers, ISet<string> used)
    {
        if (!numbers.TryGetValue(name, out var text)) throw new ValuesException($"the key {name} is missing");
        used.Add(name);
        return form switch
        {
            "percent" => (double.Parse(text, CultureInfo.InvariantCulture) * Percent).ToString("0.##", CultureInfo.InvariantCulture) + " %",
            "gigabytes" => (double.Parse(text, CultureInfo.InvariantCulture) / Gigabyte).ToString("0.##", CultureInfo.InvariantCulture) + " GB",
            _ => text,
        };
    }

    [GeneratedRegex("%(?<name>[a-z_]+)(?::(?<form>[a-z]+))?%")]
    private static partial Regex NumberMark();

    [GeneratedRegex("<(?<name>[a-z]+)(?::(?<form>[a-z0-9_]+))?>")]
    private static partial Regex TemplateMark();
}
