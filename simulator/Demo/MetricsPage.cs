using System.Globalization;
using System.Text;

namespace Monitoring.Simulator.Demo;

/// <summary>One series of a page in the Prometheus text format.</summary>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>Reads the samples of a page in the Prometheus text format 0.0.4; comments are skipped.</summary>
internal static class MetricsPage
{
    /// <exception cref="FormatException">A line is no sample; the message holds its number and text.</exception>
    public static IReadOnlyList<MetricSample> Read(string page)
    {
        var samples = new List<MetricSample>();
        var number = 0;
        foreach (var range in page.AsSpan().Split('\n'))
        {
            number++;
            var line = page.AsSpan(range).Trim();
            if (line.IsEmpty || line[0] == '#')
                continue;
            samples.Add(ReadSample(line) ?? throw new FormatException($"line {number} is no sample: {line}"));
        }
        return samples;
    }

    private static MetricSample? ReadSample(ReadOnlySpan<char> line)
    {
        var nameEnd = line.IndexOfAny('{', ' ');
        if (nameEnd < 1)
            return null;
        var labels = new Dictionary<string, string>();
        var rest = line[nameEnd..];
        if (rest[0] == '{' && !ReadLabels(ref rest, labels))
            return null;
        rest = rest.Trim();
        // A timestamp may follow the value.
        var valueEnd = rest.IndexOf(' ');
        return ReadValue(valueEnd < 0 ? rest : rest[..valueEnd]) is { } value
            ? new MetricSample(line[..nameEnd].ToString(), labels, value)
            : null;
    }

    private static double? ReadValue(ReadOnlySpan<char> text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    private static bool ReadLabels(ref ReadOnlySpan<char> rest, Dictionary<string, string> labels)
    {
        rest = rest[1..].TrimStart();
        while (!rest.IsEmpty && rest[0] != '}')
        {
            var equals = rest.IndexOf("=\"", StringComparison.Ordinal);
            if (equals < 1)
                return false;
            var name = rest[..equals].Trim().ToString();
            rest = rest[(equals + 2)..];
            if (ReadQuoted(ref rest) is not { } value || !labels.TryAdd(name, value))
                return false;
            rest = rest.TrimStart(", ");
        }
        if (rest.IsEmpty)
            return false;
        rest = rest[1..];
        return true;
    }

    /// <summary>The text up to the closing quote, with its escapes resolved; null where there is no such quote.</summary>
    private static string? ReadQuoted(ref ReadOnlySpan<char> rest)
    {
        var text = new StringBuilder();
        for (var index = 0; index < rest.Length; index++)
        {
            switch (rest[index])
            {
                case '"':
                    rest = rest[(index + 1)..];
                    return text.ToString();
                case '\\' when index + 1 < rest.Length:
                    index++;
                    text.Append(rest[index] == 'n' ? '\n' : rest[index]);
                    break;
                default:
                    text.Append(rest[index]);
                    break;
            }
        }
        return null;
    }
}
