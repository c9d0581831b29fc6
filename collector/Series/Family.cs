using System.Text;

namespace Monitoring.Collector.Series;

/// <summary>What a series is to Prometheus.</summary>
internal enum SeriesKind
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A value that only grows.</summary>
    Counter,

    /// <summary>Cumulative buckets, a sum and a count.</summary>
    Histogram,
}

/// <summary>A metric family, with the lines that introduce it on a page already rendered.</summary>
internal sealed class Family
{
    private const string CounterSuffix = "_total";

    /// <summary>Renders the family's heads.</summary>
    /// <param name="name">The name its samples carry, <c>_total</c> included on counters.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="unit">The unit's words; empty where it has none.</param>
    /// <param name="help">What it measures; empty where the sender did not say.</param>
    public Family(string name, SeriesKind kind, string unit, string help)
    {
        Name = name;
        Kind = kind;
        var type = kind switch { SeriesKind.Counter => "counter", SeriesKind.Histogram => "histogram", _ => "gauge" };
        // Linters want a text on every family, and an empty one helps nobody.
        var text = help.Length == 0 ? "The sender gave no description." : help;
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        TextHead = Encoding.UTF8.GetBytes($"# HELP {name} {escaped}\n# TYPE {name} {type}\n");

        OpenMetricsName = kind == SeriesKind.Counter && name.EndsWith(CounterSuffix, StringComparison.Ordinal) ? name[..^CounterSuffix.Length] : name;
        // OpenMetrics refuses a unit that is not the name's last word.
        var unitLine = unit.Length > 0 && OpenMetricsName.EndsWith("_" + unit, StringComparison.Ordinal) ? $"# UNIT {OpenMetricsName} {unit}\n" : "";
        var quoted = escaped.Replace("\"", "\\\"", StringComparison.Ordinal);
        OpenMetricsHead = Encoding.UTF8.GetBytes($"# TYPE {OpenMetricsName} {type}\n{unitLine}# HELP {OpenMetricsName} {quoted}\n");
    }

    /// <summary>The name its samples carry; a histogram's without <c>_bucket</c>.</summary>
    public string Name { get; }

    /// <summary>The family's name in OpenMetrics, where counters lose <c>_total</c>.</summary>
    public string OpenMetricsName { get; }

    /// <summary>What it is.</summary>
    public SeriesKind Kind { get; }

    /// <summary>HELP and TYPE in Prometheus text format 0.0.4.</summary>
    public byte[] TextHead { get; }

    /// <summary>TYPE, UNIT and HELP in OpenMetrics 1.0.0.</summary>
    public byte[] OpenMetricsHead { get; }
}
