using System.Text;
using OpenTelemetry.Exporter.Prometheus.Naming;
using OpenTelemetry.Exporter.Prometheus.Scraping;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>A metric family: every metric of one name, written as one block under one header.</summary>
internal sealed class Family(string name)
{
    private readonly byte[]?[] _headers = new byte[]?[ExpositionFormats.Count];
    private readonly byte[]?[] _sampleNames = new byte[]?[ExpositionFormats.Count];
    private MetricNames _names = new(name, name, name, "");

    /// <summary>See <see cref="MetricNames.Family"/>.</summary>
    internal string Name => name;

    /// <summary>Metrics of this family in the order of their registration.</summary>
    internal List<MetricSeries> Members { get; } = [];

    internal FamilyKind Kind { get; private set; }

    internal string Help { get; private set; } = "";

    internal int Generation { get; private set; }

    /// <summary>Begins a new page with the member that gives the family its type.</summary>
    internal void Begin(MetricSeries first, int generation)
    {
        Generation = generation;
        Members.Clear();
        Members.Add(first);
        if (_names == first.Names && Kind == first.Kind && Help == first.Metric.Description)
            return;
        (_names, Kind, Help) = (first.Names, first.Kind, first.Metric.Description);
        Array.Clear(_headers);
        Array.Clear(_sampleNames);
    }

    /// <summary>Adds a further member; its help counts only where the family has none so far.</summary>
    internal void Add(MetricSeries member)
    {
        Members.Add(member);
        if (Help.Length == 0 && member.Metric.Description.Length > 0)
        {
            Help = member.Metric.Description;
            Array.Clear(_headers);
        }
    }

    internal ReadOnlySpan<byte> Header(ExpositionFormat format) => _headers[(int)format] ??= Encoding.UTF8.GetBytes(CreateHeader(format));

    internal ReadOnlySpan<byte> SampleName(ExpositionFormat format) => _sampleNames[(int)format] ??= Encoding.UTF8.GetBytes(
        format == ExpositionFormat.OpenMetrics ? _names.OpenMetricsSample : _names.TextName);

    private string CreateHeader(ExpositionFormat format)
    {
        bool openMetrics = format == ExpositionFormat.OpenMetrics;
        string shownName = openMetrics ? name : _names.TextName;
        StringBuilder header = new();
        if (Help.Length > 0)
            header.Append("# HELP ").Append(shownName).Append(' ').Append(LabelText.EscapeHelp(Help, openMetrics)).Append('\n');
        header.Append("# TYPE ").Append(shownName).Append(' ').Append(Kind.TypeName).Append('\n');
        if (openMetrics && _names.Unit.Length > 0)
            header.Append("# UNIT ").Append(shownName).Append(' ').Append(_names.Unit).Append('\n');
        return header.ToString();
    }
}
