using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Monitoring.Tests.Dropins.Prometheus;

/// <summary>One sample line.</summary>
internal sealed record StrictSample(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value);

/// <summary>
/// Reads a page as strictly as the format descriptions allow and throws on the first offence: names, escapes, one block per
/// family, metadata before samples and once, known suffixes, no series twice, cumulative buckets, the end of an OpenMetrics page.
/// </summary>
internal sealed partial class StrictPage(bool openMetrics)
{
    private readonly List<StrictSample> _samples = [];
    private readonly HashSet<string> _series = [];
    private readonly HashSet<string> _closedFamilies = [];
    private readonly HashSet<string> _metadata = [];
    private string _family = "";
    private string _type = "";
    private bool _hasSamples;

    internal static IReadOnlyList<StrictSample> Parse(string page, bool openMetrics)
    {
        StrictPage strict = new(openMetrics);
        Require(page.Length == 0 || page.EndsWith('\n'), page, "the last line does not end");
        string[] lines = page.Split('\n')[..^1];
        if (openMetrics)
        {
            Require(lines is [.., "# EOF"], page, "no # EOF at the end");
            lines = lines[..^1];
        }
        foreach (string line in lines)
            strict.ReadLine(line);
        return strict._samples;
    }

    private void ReadLine(string line)
    {
        if (line.StartsWith('#'))
            ReadMetadata(line);
        else
            ReadSample(line);
    }

    private void ReadMetadata(string line)
    {
        Match match = MetadataPattern().Match(line);
        Require(match.Success, line, "not HELP, TYPE or UNIT of a legal name");
        (string kind, string name, string text) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        if (name != _family)
        {
            Require(_closedFamilies.Add(name), line, "a second block of its family");
            (_family, _type, _hasSamples) = (name, "", false);
        }
        Require(!_hasSamples, line, "metadata behind samples");
        Require(_metadata.Add($"{kind} {name}"), line, "metadata given twice");
        switch (kind)
        {
            case "TYPE":
                Require(text is "counter" or "gauge" or "histogram" || (openMetrics && text == "info"), line, "an unknown type");
                _type = text;
                break;
            case "UNIT":
                Require(openMetrics, line, "a unit in the text format");
                Require(name.EndsWith("_" + text, StringComparison.Ordinal), line, "a unit that the name does not end with");
                break;
            default:
                RequireEscapes(text, quotesMustBeEscaped: openMetrics, line);
                break;
        }
    }

    private void ReadSample(string line)
    {
        Match match = SamplePattern().Match(line);
        Require(match.Success, line, "not a sample");
        string name = match.Groups["name"].Value;
        List<KeyValuePair<string, string>> labels = [];
        foreach (Capture capture in match.Groups["label"].Captures)
        {
            int equals = capture.Value.IndexOf('=');
            string value = capture.Value[(equals + 2)..^1];
            RequireEscapes(value, quotesMustBeEscaped: true, line);
            labels.Add(new(capture.Value[..equals], Unescape(value)));
        }
        Require(labels.Select(label => label.Key).Distinct().Count() == labels.Count, line, "a label twice");
        Require(_type.Length > 0 && IsSampleOfFamily(name), line, $"no sample of the {_type} {_family}");
        Require(_series.Add(name + "{" + string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal)) + "}"), line, "a series twice");
        _hasSamples = true;
        _samples.Add(new(name, labels, ParseValue(match.Groups["value"].Value)));
    }

    private bool IsSampleOfFamily(string name) => (_type, openMetrics) switch
    {
        ("histogram", _) => name == _family + "_bucket" || name == _family + "_sum" || name == _family + "_count",
        ("counter", true) => name == _family + "_total",
        ("info", _) => name == _family + "_info",
        _ => name == _family,
    };

    private static double ParseValue(string text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static void RequireEscapes(string text, bool quotesMustBeEscaped, string line)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
                Require(++i < text.Length && text[i] is '\\' or 'n' or '"', line, "an unknown escape");
            else
                Require(text[i] != '"' || !quotesMustBeEscaped, line, "a bare quote");
        }
    }

    private static string Unescape(string text)
    {
        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
            plain.Append(text[i] != '\\' ? text[i] : text[++i] == 'n' ? '\n' : text[i]);
        return plain.ToString();
    }

    private static void Require(bool condition, string where, string offence)
    {
        if (!condition)
            throw new FormatException($"{offence}: {where}");
    }

    [GeneratedRegex("^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex MetadataPattern();

    [GeneratedRegex("""
        ^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<label>[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*")(,(?<label>[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*"))*\})? (?<value>NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?)$
        """, RegexOptions.CultureInvariant)]
    private static partial Regex SamplePattern();
}
