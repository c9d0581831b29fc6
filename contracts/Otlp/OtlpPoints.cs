namespace Monitoring.Contracts.Otlp;

/// <summary>A point of a gauge or a sum, read in place.</summary>
public readonly ref struct OtlpNumberPoint
{
    /// <summary>The flag by which a sender says that the series has no value any more (DataPointFlags).</summary>
    public const ulong NoRecordedValueFlag = 1;

    /// <summary>The attributes as they lie on the wire, each with tag <see cref="OtlpTags.NumberAttributes"/>.</summary>
    public ReadOnlySpan<byte> Attributes { get; init; }

    /// <summary>When it was measured, nanoseconds since 1970; 0 where the sender did not say.</summary>
    public ulong TimeUnixNano { get; init; }

    /// <summary>The value; NaN where there is none.</summary>
    public double Value { get; init; }

    internal static OtlpNumberPoint Read(ReadOnlySpan<byte> point, int offset, out ProtobufFault fault)
    {
        var reader = new ProtobufReader(point, offset);
        var run = new AttributeRun();
        ulong time = 0, flags = 0;
        var value = double.NaN;
        while (true)
        {
            var start = reader.Position;
            if (!reader.ReadTag()) break;
            switch (reader.Tag)
            {
                case OtlpTags.NumberAttributes:
                    reader.ReadBytes();
                    run.Add(start, reader.Position);
                    break;
                case OtlpTags.PointTime: time = reader.ReadFixed64(); break;
                case OtlpTags.NumberAsDouble: value = reader.ReadDouble(); break;
                case OtlpTags.NumberAsInt: value = (long)reader.ReadFixed64(); break;
                case OtlpTags.NumberFlags: flags = reader.ReadVarint(); break;
                default: reader.Skip(); break;
            }
        }

        fault = reader.Fault;
        return new OtlpNumberPoint
        {
            Attributes = fault.IsFault ? default : run.Bytes(point, OtlpTags.NumberAttributes),
            TimeUnixNano = time,
            Value = (flags & NoRecordedValueFlag) != 0 ? double.NaN : value,
        };
    }
}

/// <summary>A point of a histogram with explicit bounds, read in place.</summary>
public readonly ref struct OtlpHistogramPoint
{
    /// <summary>The attributes as they lie on the wire, each with tag <see cref="OtlpTags.HistogramAttributes"/>.</summary>
    public ReadOnlySpan<byte> Attributes { get; init; }

    /// <summary>When it was measured, nanoseconds since 1970; 0 where the sender did not say.</summary>
    public ulong TimeUnixNano { get; init; }

    /// <summary>Whether the sender says that the series has no value any more.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>Number of observations.</summary>
    public ulong Count { get; init; }

    /// <summary>Sum of the observations; NaN where the sender did not say.</summary>
    public double Sum { get; init; }

    /// <summary>Observations per bucket, little-endian eight-byte integers; one more than bounds, or none.</summary>
    public ReadOnlySpan<byte> BucketCounts { get; init; }

    /// <summary>Upper bounds, little-endian doubles.</summary>
    public ReadOnlySpan<byte> Bounds { get; init; }

    internal static OtlpHistogramPoint Read(ReadOnlySpan<byte> point, int offset, out ProtobufFault fault)
    {
        var reader = new ProtobufReader(point, offset);
        var run = new AttributeRun();
        var counts = new PackedFixed64();
        var bounds = new PackedFixed64();
        ulong time = 0, flags = 0, count = 0;
        var sum = double.NaN;
        while (true)
        {
            var start = reader.Position;
            if (!reader.ReadTag()) break;
            switch (reader.Tag)
            {
                case OtlpTags.HistogramAttributes:
                    reader.ReadBytes();
                    run.Add(start, reader.Position);
                    break;
                case OtlpTags.PointTime: time = reader.ReadFixed64(); break;
                case OtlpTags.HistogramCount: count = reader.ReadFixed64(); break;
                case OtlpTags.HistogramSum: sum = reader.ReadDouble(); break;
                case OtlpTags.HistogramBucketCounts or OtlpTags.HistogramBucketCount: counts.Read(ref reader, point); break;
                case OtlpTags.HistogramBounds or OtlpTags.HistogramBound: bounds.Read(ref reader, point); break;
                case OtlpTags.HistogramFlags: flags = reader.ReadVarint(); break;
                default: reader.Skip(); break;
            }
        }

        fault = reader.Fault;
        return new OtlpHistogramPoint
        {
            Attributes = fault.IsFault ? default : run.Bytes(point, OtlpTags.HistogramAttributes),
            TimeUnixNano = time,
            IsAbsent = (flags & OtlpNumberPoint.NoRecordedValueFlag) != 0,
            Count = count,
            Sum = sum,
            BucketCounts = counts.Bytes,
            Bounds = bounds.Bytes,
        };
    }
}
