namespace Monitoring.Contracts.Otlp;

/// <summary>
/// Sees an OTLP metrics request in order: a resource, its scopes, their metrics, their points. Nothing handed over
/// outlives the call. A struct that implements it costs neither allocation nor virtual calls.
/// </summary>
public interface IOtlpMetricsVisitor
{
    /// <summary>A resource begins.</summary>
    /// <param name="resource">The Resource message; empty where the sender sent none.</param>
    /// <param name="offset">Where it starts in the payload, bytes.</param>
    /// <returns>What is wrong with the resource; a fault ends the walk.</returns>
    ProtobufFault EnterResource(ReadOnlySpan<byte> resource, int offset);

    /// <summary>A scope of the resource begins.</summary>
    /// <param name="scope">The InstrumentationScope message; empty where the sender sent none.</param>
    /// <param name="offset">Where it starts in the payload, bytes.</param>
    /// <returns>What is wrong with the scope; a fault ends the walk.</returns>
    ProtobufFault EnterScope(ReadOnlySpan<byte> scope, int offset);

    /// <summary>A metric begins.</summary>
    void EnterMetric(in OtlpMetric metric);

    /// <summary>A point of a gauge or sum.</summary>
    /// <returns>What is wrong with the point; a fault ends the walk.</returns>
    ProtobufFault VisitNumber(in OtlpNumberPoint point, int offset);

    /// <summary>A point of a histogram.</summary>
    /// <returns>What is wrong with the point; a fault ends the walk.</returns>
    ProtobufFault VisitHistogram(in OtlpHistogramPoint point, int offset);

    /// <summary>A point of a shape that is not read further: exponential histograms and summaries.</summary>
    void VisitOther(OtlpMetricKind kind);
}
