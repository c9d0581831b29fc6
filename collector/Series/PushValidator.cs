using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>Reads a push to its end without storing anything: what it lets pass, the applying walk reads without a fault.</summary>
internal struct PushValidator : IOtlpMetricsVisitor
{
    /// <summary>Points seen.</summary>
    public int Points { get; private set; }

    /// <inheritdoc/>
    public readonly ProtobufFault EnterResource(ReadOnlySpan<byte> resource, int offset)
        => OtlpAttributes.Validate(resource, OtlpTags.ResourceAttributes, offset, out _);

    /// <inheritdoc/>
    public readonly ProtobufFault EnterScope(ReadOnlySpan<byte> scope, int offset)
    {
        var reader = new ProtobufReader(scope, offset);
        while (reader.ReadTag())
        {
            if (reader.Tag is OtlpTags.ScopeName or OtlpTags.ScopeVersion) reader.ReadText();
            else reader.Skip();
        }

        return reader.Fault.IsFault ? reader.Fault : OtlpAttributes.Validate(scope, OtlpTags.ScopeAttributes, offset, out _);
    }

    /// <inheritdoc/>
    public readonly void EnterMetric(in OtlpMetric metric)
    {
    }

    /// <inheritdoc/>
    public ProtobufFault VisitNumber(in OtlpNumberPoint point, int offset)
    {
        Points++;
        return OtlpAttributes.Validate(point.Attributes, OtlpTags.NumberAttributes, offset, out _);
    }

    /// <inheritdoc/>
    public ProtobufFault VisitHistogram(in OtlpHistogramPoint point, int offset)
    {
        Points++;
        return OtlpAttributes.Validate(point.Attributes, OtlpTags.HistogramAttributes, offset, out _);
    }

    /// <inheritdoc/>
    public void VisitOther(OtlpMetricKind kind) => Points++;
}
