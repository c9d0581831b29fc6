namespace OpenTelemetry.Exporter.Prometheus.Naming;

/// <summary>What Prometheus calls an instrument.</summary>
/// <param name="Family">Name of the metric family in OpenMetrics, without <c>_total</c>; families are told apart by it.</param>
/// <param name="TextName">Name in the text format, of both the family and a counter's samples.</param>
/// <param name="OpenMetricsSample">Name of a counter's samples in OpenMetrics; equal to <paramref name="Family"/> otherwise.</param>
/// <param name="Unit">The unit that stands as the last word of <paramref name="Family"/>, or "".</param>
internal sealed record MetricNames(string Family, string TextName, string OpenMetricsSample, string Unit)
{
    private const string Total = "_total";

    /// <summary>Every name that the family takes on a page of either format; no other family may use one of them.</summary>
    internal string[] Claims(FamilyKind kind) => kind switch
    {
        FamilyKind.Counter => [Family, Family + Total],
        FamilyKind.Histogram => [Family, Family + "_bucket", Family + "_sum", Family + "_count"],
        _ => [Family],
    };

    /// <summary>
    /// Unit and <c>_total</c> are added unless the name already ends with them. A gauge of unit 1 is a ratio; the specification
    /// left that open (https://github.com/open-telemetry/opentelemetry-specification/issues/4058), the package says nothing there.
    /// </summary>
    internal static MetricNames Create(string name, string? unit, FamilyKind kind, bool disableTotalSuffix)
    {
        bool isCounter = kind == FamilyKind.Counter;
        string sanitized = PrometheusNames.Metric(name);
        bool hadTotal = isCounter && sanitized.EndsWith(Total, StringComparison.Ordinal) && sanitized.Length > Total.Length;
        string family = hadTotal ? sanitized[..^Total.Length] : sanitized;

        string suffix = unit switch
        {
            null or "" => "",
            "1" => kind == FamilyKind.Gauge ? "ratio" : "",
            _ => UnitNames.Translate(unit),
        };
        if (suffix.Length > 0 && !family.EndsWith(suffix, StringComparison.Ordinal))
            family = PrometheusNames.CollapseToLegal($"{family}_{suffix}", colonIsLegal: true);

        // "kilowatts" of unit W stays as it is, as in the package. "# UNIT kilowatts watts" would make Prometheus refuse the page,
        // though: there the unit has to be a word of its own.
        string lastWord = suffix.Length > 0 && family.EndsWith("_" + suffix, StringComparison.Ordinal) ? suffix : "";
        string total = family + Total;
        return isCounter
            ? new(family, hadTotal || !disableTotalSuffix ? total : family, total, lastWord)
            : new(family, family, family, lastWord);
    }
}
