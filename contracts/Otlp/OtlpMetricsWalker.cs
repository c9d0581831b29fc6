namespace Monitoring.Contracts.Otlp;

/// <summary>Walks an ExportMetricsServiceRequest in place and shows it to a visitor; no object is made per point.</summary>
public static class OtlpMetricsWalker
{
    /// <summary>
    /// Walks <paramref name="payload"/>. Fields may come in any order, as protobuf permits: each level is first looked over
    /// for its head, then walked. Where a single field comes more than once, the last one counts.
    /// </summary>
    /// <returns>The first fault; the visitor has seen what lies before it.</returns>
    public static ProtobufFault Walk<TVisitor>(ReadOnlySpan<byte> payload, ref TVisitor visitor)
        where TVisitor : IOtlpMetricsVisitor, allows ref struct
    {
        var request = new ProtobufReader(payload);
        while (request.ReadTag())
        {
            if (request.Tag != OtlpTags.RequestResourceMetrics)
            {
                request.Skip();
                continue;
            }

            var resourceMetrics = request.ReadMessage();
            request.Adopt(resourceMetrics.Fault);
            if (!request.Fault.IsFault) request.Adopt(WalkResource(resourceMetrics, ref visitor));
        }

        return request.Fault;
    }

    private static ProtobufFault WalkResource<TVisitor>(ProtobufReader resourceMetrics, ref TVisitor visitor)
        where TVisitor : IOtlpMetricsVisitor, allows ref struct
    {
        var head = resourceMetrics;
        var resource = LastMessage(ref head, OtlpTags.ResourceMetricsResource, out var offset);
        if (head.Fault.IsFault) return head.Fault;
        var refused = visitor.EnterResource(resource, offset);
        if (refused.IsFault) return refused;

        while (resourceMetrics.ReadTag())
        {
            if (resourceMetrics.Tag != OtlpTags.ResourceMetricsScopeMetrics)
            {
                resourceMetrics.Skip();
                continue;
            }

            resourceMetrics.Adopt(WalkScope(resourceMetrics.ReadMessage(), ref visitor));
        }

        return resourceMetrics.Fault;
    }

    private static ProtobufFault WalkScope<TVisitor>(ProtobufReader scopeMetrics, ref TVisitor visitor)
        where TVisitor : IOtlpMetricsVisitor, allows ref struct
    {
        var head = scopeMetrics;
        var scope = LastMessage(ref head, OtlpTags.ScopeMetricsScope, out var offset);
        if (head.Fault.IsFault) return head.Fault;
        var refused = visitor.EnterScope(scope, offset);
        if (refused.IsFault) return refused;

        while (scopeMetrics.ReadTag())
        {
            if (scopeMetrics.Tag != OtlpTags.ScopeMetricsMetrics)
            {
                scopeMetrics.Skip();
                continue;
            }

            scopeMetrics.Adopt(WalkMetric(scopeMetrics.ReadMessage(), ref visitor));
        }

        return scopeMetrics.Fault;
    }

    private static ProtobufFault WalkMetric<TVisitor>(ProtobufReader metric, ref TVisitor visitor)
        where TVisitor : IOtlpMetricsVisitor, allows ref struct
    {
        ReadOnlySpan<byte> name = default, description = default, unit = default;
        var kind = OtlpMetricKind.None;
        var data = default(ProtobufReader);
        while (metric.ReadTag())
        {
            switch (metric.Tag)
            {
                case OtlpTags.MetricName: name = metric.ReadText(); break;
                case OtlpTags.MetricDescription: description = metric.ReadText(); break;
                case OtlpTags.MetricUnit: unit = metric.ReadText(); break;
                case OtlpTags.MetricGauge:
                    kind = OtlpMetricKind.Gauge;
                    data = metric.ReadMessage();
                    break;
                case OtlpTags.MetricSum:
                    kind = OtlpMetricKind.Sum;
                    data = metric.ReadMessage();
                    break;
                case OtlpTags.MetricHistogram:
                    kind = OtlpMetricKind.Histogram;
                    data = metric.ReadMessage();
                    break;
                case OtlpTags.MetricExponentialHistogram:
                    kind = OtlpMetricKind.ExponentialHistogram;
                    data = metric.ReadMessage();
                    break;
                case OtlpTags.MetricSummary:
                    kind = OtlpMetricKind.Summary;
                    data = metric.ReadMessage();
                    break;
                default: metric.Skip(); break;
            }
        }

        if (metric.Fault.IsFault || kind == OtlpMetricKind.None) return metric.Fault;

        var (temporality, isMonotonic, fault) = ReadDataHead(data, kind);
        if (fault.IsFault) return fault;
        visitor.EnterMetric(new OtlpMetric
        {
            Name = name, Description = description, Unit = unit, Kind = kind, Temporality = temporality, IsMonotonic = isMonotonic,
        });
        return WalkPoints(data, kind, ref visitor);
    }

    private static (OtlpTemporality Temporality, bool IsMonotonic, ProtobufFault Fault) ReadDataHead(ProtobufReader data, OtlpMetricKind kind)
    {
        var temporality = OtlpTemporality.Unspecified;
        var isMonotonic = false;
        while (data.ReadTag())
        {
            switch (data.Tag)
            {
                case OtlpTags.Temporality: temporality = (OtlpTemporality)data.ReadVarint(); break;
                case OtlpTags.SumIsMonotonic when kind == OtlpMetricKind.Sum: isMonotonic = data.ReadVarint() != 0; break;
                default: data.Skip(); break;
            }
        }

        return (temporality, isMonotonic, data.Fault);
    }

    private static ProtobufFault WalkPoints<TVisitor>(ProtobufReader data, OtlpMetricKind kind, ref TVisitor visitor)
        where TVisitor : IOtlpMetricsVisitor, allows ref struct
    {
        while (data.ReadTag())
        {
            if (data.Tag != OtlpTags.DataPoints)
            {
                data.Skip();
                continue;
            }

            var bytes = data.ReadBytes();
            var offset = data.Offset - bytes.Length;
            if (data.Fault.IsFault) break;
            var fault = default(ProtobufFault);
            switch (kind)
            {
                case OtlpMetricKind.Gauge or OtlpMetricKind.Sum:
                    var number = OtlpNumberPoint.Read(bytes, offset, out fault);
                    if (!fault.IsFault) fault = visitor.VisitNumber(number, offset);
                    break;
                case OtlpMetricKind.Histogram:
                    var histogram = OtlpHistogramPoint.Read(bytes, offset, out fault);
                    if (!fault.IsFault) fault = visitor.VisitHistogram(histogram, offset);
                    break;
                default:
                    visitor.VisitOther(kind);
                    break;
            }

            data.Adopt(fault);
        }

        return data.Fault;
    }

    private static ReadOnlySpan<byte> LastMessage(scoped ref ProtobufReader reader, uint tag, out int offset)
    {
        ReadOnlySpan<byte> last = default;
        offset = 0;
        while (reader.ReadTag())
        {
            if (reader.Tag == tag)
            {
                last = reader.ReadBytes();
                offset = reader.Offset - last.Length;
            }
            else
            {
                reader.Skip();
            }
        }

        return last;
    }
}
