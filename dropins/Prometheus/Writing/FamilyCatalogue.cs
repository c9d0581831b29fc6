using OpenTelemetry.Exporter.Prometheus.Naming;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>
/// Arranges a collection's metrics as families, sorted by name so that pages compare across restarts. Names, headers and labels are kept between
/// collections; what no longer takes part is forgotten.
/// </summary>
internal sealed class FamilyCatalogue(
    bool disableTotalSuffix,
    Func<Metric, IReadOnlyList<KeyValuePair<string, string>>> constantLabels,
    ConflictLog conflicts,
    LabelCacheBudget budget)
{
    private readonly Dictionary<Metric, MetricSeries> _series = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Family> _claims = new(StringComparer.Ordinal);
    private readonly List<Family> _arranged = [];
    private int _generation;

    internal IReadOnlyList<Family> Arrange(in Batch<Metric> batch)
    {
        _generation++;
        _arranged.Clear();
        int taken = 0;
        foreach (Metric metric in batch)
        {
            taken++;
            MetricSeries series = Find(metric);
            series.Generation = _generation;
            Place(series);
        }
        if (_series.Count > taken)
            Sweep();
        _arranged.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return _arranged;
    }

    private MetricSeries Find(Metric metric)
    {
        if (_series.TryGetValue(metric, out MetricSeries? known))
            return known;
        FamilyKind kind = FamilyKinds.Of(metric.MetricType);
        MetricNames names = MetricNames.Create(metric.Name, metric.Unit, kind, disableTotalSuffix);
        LabelRenderer renderer = new(kind == FamilyKind.Histogram, constantLabels(metric));
        return _series[metric] = new(metric, names, kind, renderer, budget);
    }

    private void Place(MetricSeries series)
    {
        string name = series.Names.Family;
        if (series.Kind == FamilyKind.Unsupported)
        {
            conflicts.UnsupportedType(name);
            return;
        }
        if (!_families.TryGetValue(name, out Family? family))
            _families[name] = family = new(name);
        if (family.Generation != _generation)
        {
            if (TryClaim(series, family))
            {
                family.Begin(series, _generation);
                _arranged.Add(family);
            }
            return;
        }
        if (family.Kind != series.Kind)
        {
            conflicts.Type(name, family.Kind.TypeName, series.Kind.TypeName, series.Metric.MeterName);
            return;
        }
        string help = series.Metric.Description;
        if (help.Length > 0 && family.Help.Length > 0 && help != family.Help)
            conflicts.Help(name, family.Help, help, series.Metric.MeterName);
        family.Add(series);
    }

    /// <summary>The counter "a" is written as a_total, so a gauge "a.total" has to give way to it; the first one registered wins.</summary>
    private bool TryClaim(MetricSeries series, Family family)
    {
        foreach (string name in series.Claims)
        {
            if (_claims.TryGetValue(name, out Family? owner) && owner != family && owner.Generation == _generation)
            {
                conflicts.Type(name, owner.Kind.TypeName, series.Kind.TypeName, series.Metric.MeterName);
                return false;
            }
        }
        foreach (string name in series.Claims)
            _claims[name] = family;
        return true;
    }

    /// <summary>Forgets the metrics of disposed meters.</summary>
    private void Sweep()
    {
        foreach ((Metric metric, MetricSeries series) in _series)
        {
            if (series.Generation == _generation)
                continue;
            series.Trim(0);
            _series.Remove(metric);
        }
        foreach ((string name, Family family) in _families)
        {
            if (family.Generation != _generation)
                _families.Remove(name);
        }
        foreach ((string name, Family family) in _claims)
        {
            if (family.Generation != _generation)
                _claims.Remove(name);
        }
    }
}
