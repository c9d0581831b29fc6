namespace Monitoring.Agent.Sampling;

/// <summary>A base unit: its UCUM code, which OTLP carries, and the suffix that Prometheus names end in.</summary>
/// <param name="Ucum">Code of the Unified Code for Units of Measure; empty for a plain number.</param>
/// <param name="Suffix">End of the Prometheus name, such as <c>watts</c>; empty for a plain number.</param>
internal sealed record Unit(string Ucum, string Suffix)
{
    internal static readonly Unit None = new("", "");
    internal static readonly Unit Ratio = new("1", "ratio");
    internal static readonly Unit Watts = new("W", "watts");
    internal static readonly Unit Joules = new("J", "joules");
    internal static readonly Unit Celsius = new("Cel", "celsius");
    internal static readonly Unit Hertz = new("Hz", "hertz");
    internal static readonly Unit Bytes = new("By", "bytes");
    internal static readonly Unit BytesPerSecond = new("By/s", "bytes_per_second");
    internal static readonly Unit Seconds = new("s", "seconds");
}

/// <summary>Gauge: a state; counter: only ever grows while its source lives.</summary>
internal enum MetricKind { Gauge, Counter }

/// <summary>How often a metric is read; the intervals are settings (<see cref="SamplingSettings"/>).</summary>
internal enum Tier { Fast, Medium, Slow }
