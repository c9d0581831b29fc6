using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>A field of DCGM as dcgm-exporter shows it, and what of the agent answers for it.</summary>
/// <param name="Source">Where the value comes from.</param>
/// <param name="Kind">Gauge or counter.</param>
/// <param name="Help">What it is, without its unit.</param>
/// <param name="IsDefault">True for one that dcgm-exporter shows as it is shipped.</param>
/// <param name="Until48">Its face up to 4.8.4; null where it has none.</param>
/// <param name="From49">Its face from 4.9.0 on; null where it has none.</param>
internal sealed record DcgmField(DcgmSource Source, MetricKind Kind, string Help, bool IsDefault, DcgmFace? Until48, DcgmFace? From49)
{
    /// <summary>True for a counter that 4.8.3 made the gauge that it always was.</summary>
    internal bool IsGaugeFrom483 { get; init; }
}

/// <summary>How some releases show a field.</summary>
/// <param name="Id">DCGM's number of it.</param>
/// <param name="Name">Name of the metric.</param>
/// <param name="Unit">Unit in words; empty for a plain number.</param>
/// <param name="Scale">How many of that unit one of the source's base unit is.</param>
/// <param name="Number">How the value is written.</param>
internal sealed record DcgmFace(int Id, string Name, string Unit = "", double Scale = 1, DcgmNumber Number = DcgmNumber.Rounded)
{
    /// <summary>The sentence of the page.</summary>
    internal string HelpOf(DcgmField field) => Unit.Length == 0 ? $"{field.Help}." : $"{field.Help}, {Unit}.";
}

/// <summary>How a value is written, after DCGM's type of the field.</summary>
internal enum DcgmNumber
{
    /// <summary>The nearest whole number: an integer of the driver, and back to what it was before the agent made it a base unit.</summary>
    Rounded,

    /// <summary>The whole number below: what DCGM divides as integers.</summary>
    Truncated,

    /// <summary>Six decimals.</summary>
    Decimal,
}
