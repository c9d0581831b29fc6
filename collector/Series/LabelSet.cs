using System.Text;

namespace Monitoring.Collector.Series;

/// <summary>The labels of a series being made: sorted, escaped once, and read back where a rollup needs them.</summary>
internal sealed class LabelSet
{
    private readonly SortedDictionary<string, string> labels = new(StringComparer.Ordinal);

    /// <summary>The value of a label; null where it is not there.</summary>
    public string? this[string name] => labels.GetValueOrDefault(name);

    /// <summary>Adds a label. An empty value is no label to Prometheus; keys that become the same label share it, joined by semicolons.</summary>
    public void Add(string name, string value)
    {
        if (name.Length == 0 || value.Length == 0) return;
        labels[name] = labels.TryGetValue(name, out var present) ? present + ";" + value : value;
    }

    /// <summary>Adds a label where there is none of the name.</summary>
    public void AddMissing(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) labels.TryAdd(name, value);
    }

    /// <summary>Moves a label out of the way of one that the format itself needs, as Prometheus does with clashing labels.</summary>
    public void Reserve(string name)
    {
        if (labels.Remove(name, out var value)) labels["exported_" + name] = value;
    }

    /// <summary>A sample's line up to and including the blank before its value.</summary>
    /// <param name="name">The sample's name.</param>
    /// <param name="extraName">A label to put last, such as <c>le</c>; null for none.</param>
    /// <param name="extraValue">Its value.</param>
    public byte[] RenderLine(string name, string? extraName = null, string extraValue = "")
    {
        var line = new StringBuilder(name);
        var separator = '{';
        foreach (var (label, value) in labels)
        {
            Append(line, separator, label, value);
            separator = ',';
        }

        if (extraName is not null) Append(line, separator, extraName, extraValue);
        if (separator == ',' || extraName is not null) line.Append('}');
        return Encoding.UTF8.GetBytes(line.Append(' ').ToString());
    }

    /// <summary>Reads the labels back from a line that <see cref="RenderLine"/> made.</summary>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> line)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = Encoding.UTF8.GetString(line);
        var position = text.IndexOf('{', StringComparison.Ordinal) + 1;
        if (position == 0) return labels;

        while (text[position] != '}')
        {
            var equals = text.IndexOf('=', position);
            var name = text[position..equals];
            var value = new StringBuilder();
            for (position = equals + 2; text[position] != '"'; position++)
            {
                if (text[position] != '\\') value.Append(text[position]);
                else value.Append(text[++position] == 'n' ? '\n' : text[position]);
            }

            labels[name] = value.ToString();
            position++;
            if (text[position] == ',') position++;
        }

        return labels;
    }

    private static void Append(StringBuilder line, char separator, string label, string value)
    {
        line.Append(separator).Append(label).Append("=\"");
        foreach (var character in value)
        {
            switch (character)
            {
                case '\\': line.Append("\\\\"); break;
                case '"': line.Append("\\\""); break;
                case '\n': line.Append("\\n"); break;
                default: line.Append(character); break;
            }
        }

        line.Append('"');
    }
}
