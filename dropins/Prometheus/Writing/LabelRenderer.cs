using System.Text;
using OpenTelemetry.Exporter.Prometheus.Naming;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>Renders a series' labels: first those that every series of the metric carries, then its tags.</summary>
internal sealed class LabelRenderer(bool isHistogram, IReadOnlyList<KeyValuePair<string, string>> constantLabels)
{
    internal SeriesLabels Render(in ReadOnlyTagCollection tags)
    {
        List<Label> labels = Constants(tags.Count);
        object?[] identity = new object?[tags.Count * 2];
        bool isReusable = true;
        bool isAmbiguous = false;
        int i = 0;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            (identity[i], identity[i + 1]) = (tag.Key, tag.Value);
            i += 2;
            isReusable &= tag.Value is null or string or ValueType;
            string name = PrometheusNames.Label(tag.Key);
            isAmbiguous |= !ReferenceEquals(name, tag.Key) || !IsWholeText(tag.Value);
            // "le" belongs to the buckets.
            if (isHistogram && name == "le")
            {
                isAmbiguous = true;
                continue;
            }
            labels.Add(new(name, tag.Key, LabelText.ToText(tag.Value)));
        }
        return new(identity, Encoding.UTF8.GetBytes(Join(Merge(labels))), isReusable, isAmbiguous);
    }

    /// <summary>The constant labels alone, for a series without tags.</summary>
    internal string RenderConstants() => Join(Merge(Constants(0)));

    private List<Label> Constants(int further)
    {
        List<Label> labels = new(constantLabels.Count + further);
        foreach ((string key, string value) in constantLabels)
            labels.Add(new(PrometheusNames.Label(key), key, value));
        return labels;
    }

    /// <summary>True for a value whose label no other value has: 1 and "1", null and "" look alike, and so do halves of surrogate pairs.</summary>
    private static bool IsWholeText(object? value) => value is string text && !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff');

    /// <summary>Keys that became the same name share one label: values joined by ";" in the order of their keys, as specified.</summary>
    private static IEnumerable<Label> Merge(List<Label> labels)
    {
        return labels.GroupBy(label => label.Name, StringComparer.Ordinal).Select(group => group.Count() == 1
            ? group.First()
            : new(group.Key, group.Key, string.Join(';', group.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => label.Value))));
    }

    private static string Join(IEnumerable<Label> labels)
    {
        StringBuilder text = new();
        foreach (Label label in labels)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(label.Name).Append("=\"").Append(LabelText.EscapeLabelValue(label.Value)).Append('"');
        }
        return text.ToString();
    }

    private readonly record struct Label(string Name, string Key, string Value);
}
