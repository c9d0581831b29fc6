using System.Buffers.Binary;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>
/// Reads a push to its end without storing anything: what it lets pass, the applying walk reads without a fault. The points of
/// one GPU carry the same attributes on each metric; a run of bytes that was found right once is not read again.
/// </summary>
/// <param name="payload">The push.</param>
/// <param name="seen"><see cref="Slots"/> zeros: where runs found right lie, offset and length.</param>
internal ref struct PushValidator(ReadOnlySpan<byte> payload, Span<(int Offset, int Length)> seen) : IOtlpMetricsVisitor
{
    /// <summary>Runs remembered, a power of two: GPUs of a node times the few labels that vary within a metric.</summary>
    public const int Slots = 128;

    private readonly ReadOnlySpan<byte> payload = payload;
    private readonly Span<(int Offset, int Length)> seen = seen;

    /// <summary>Points seen.</summary>
    public int Points { get; private set; }

    /// <summary>Resources, scopes and metrics seen.</summary>
    public int Heads { get; private set; }

    /// <inheritdoc/>
    public ProtobufFault EnterResource(ReadOnlySpan<byte> resource, int offset)
    {
        Heads++;
        return OtlpAttributes.Validate(resource, OtlpTags.ResourceAttributes, offset, out _);
    }

    /// <inheritdoc/>
    public ProtobufFault EnterScope(ReadOnlySpan<byte> scope, int offset)
    {
        Heads++;
        var reader = new ProtobufReader(scope, offset);
        while (reader.ReadTag())
        {
            if (reader.Tag is OtlpTags.ScopeName or OtlpTags.ScopeVersion) reader.ReadText();
            else reader.Skip();
        }

        return reader.Fault.IsFault ? reader.Fault : OtlpAttributes.Validate(scope, OtlpTags.ScopeAttributes, offset, out _);
    }

    /// <inheritdoc/>
    public void EnterMetric(in OtlpMetric metric) => Heads++;

    /// <inheritdoc/>
    public ProtobufFault VisitNumber(in OtlpNumberPoint point, int offset)
    {
        Points++;
        return Validate(point.Attributes, OtlpTags.NumberAttributes, offset);
    }

    /// <inheritdoc/>
    public ProtobufFault VisitHistogram(in OtlpHistogramPoint point, int offset)
    {
        Points++;
        return Validate(point.Attributes, OtlpTags.HistogramAttributes, offset);
    }

    /// <inheritdoc/>
    public void VisitOther(OtlpMetricKind kind) => Points++;

    private readonly ProtobufFault Validate(ReadOnlySpan<byte> attributes, uint tag, int pointOffset)
    {
        // A copy (attributes that lay apart) is no part of the payload and is read every time.
        if (attributes.Length < sizeof(ulong) || !payload.Overlaps(attributes, out var offset))
            return OtlpAttributes.Validate(attributes, tag, pointOffset, out _);

        // The tag is part of the bytes: the same bytes mean the same. What tells two GPUs apart stands near the end.
        var end = BinaryPrimitives.ReadUInt64LittleEndian(attributes[^sizeof(ulong)..]);
        ref var known = ref seen[(int)((end * 0x9E3779B97F4A7C15) >> 57) & (Slots - 1)];
        if (known.Length == attributes.Length && payload.Slice(known.Offset, known.Length).SequenceEqual(attributes)) return default;

        var fault = OtlpAttributes.Validate(attributes, tag, offset, out _);
        if (!fault.IsFault) known = (offset, attributes.Length);
        return fault;
    }
}
