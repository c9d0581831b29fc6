using Google.Protobuf;

namespace Monitoring.Tests.Contracts.Otlp;

/// <summary>
/// Builds OTLP requests with Google's own writer. The field numbers stand here as literals, read from opentelemetry-proto
/// and not from the code under test, so that a wrong number in either place shows.
/// </summary>
internal sealed class OtlpPayload
{
    private const int Varint = 0, Fixed64 = 1, Length = 2;

    private readonly List<(byte[] Resource, List<(byte[] Scope, List<byte[]> Metrics)> Scopes)> resources = [];

    internal ulong TimeUnixNano { get; set; } = 1_767_225_600_000_000_000; // 2026-01-01, where ManualTimeProvider starts

    internal OtlpPayload Resource(params (string Key, object Value)[] attributes)
    {
        resources.Add((Message(output =>
        {
            foreach (var attribute in attributes) Sub(output, 1, Attribute(attribute));
        }), []));
        return this;
    }

    internal OtlpPayload Scope(string name = "test", string version = "")
    {
        if (resources.Count == 0) Resource(("host.name", "node-1"));
        resources[^1].Scopes.Add((Message(output =>
        {
            Text(output, 1, name);
            Text(output, 2, version);
        }), []));
        return this;
    }

    internal OtlpPayload Gauge(string name, string unit, params byte[][] points) => Metric(name, unit, "", 5, points, null, null);

    internal OtlpPayload Sum(string name, string unit, bool isMonotonic, int temporality, params byte[][] points) => Metric(name, unit, "", 7, points, temporality, isMonotonic);

    internal OtlpPayload Counter(string name, string unit, params byte[][] points) => Sum(name, unit, true, 2, points);

    internal OtlpPayload Histogram(string name, string unit, params byte[][] points) => Metric(name, unit, "", 9, points, 2, null);

    internal OtlpPayload Metric(string name, string unit, string description, int dataField, byte[][] points, int? temporality, bool? isMonotonic)
    {
        if (resources.Count == 0 || resources[^1].Scopes.Count == 0) Scope();
        resources[^1].Scopes[^1].Metrics.Add(Message(output =>
        {
            Text(output, 1, name);
            Text(output, 2, description);
            Text(output, 3, unit);
            Sub(output, dataField, Message(data =>
            {
                foreach (var point in points) Sub(data, 1, point);
                if (temporality is { } value)
                {
                    data.WriteTag(2, (WireFormat.WireType)Varint);
                    data.WriteEnum(value);
                }

                if (isMonotonic is { } monotonic)
                {
                    data.WriteTag(3, (WireFormat.WireType)Varint);
                    data.WriteBool(monotonic);
                }
            }));
        }));
        return this;
    }

    internal byte[] Point(double value, params (string Key, object Value)[] attributes) => Message(output =>
    {
        Time(output);
        output.WriteTag(4, (WireFormat.WireType)Fixed64);
        output.WriteDouble(value);
        foreach (var attribute in attributes) Sub(output, 7, Attribute(attribute));
    });

    internal byte[] IntegerPoint(long value, params (string Key, object Value)[] attributes) => Message(output =>
    {
        foreach (var attribute in attributes) Sub(output, 7, Attribute(attribute));
        Time(output);
        output.WriteTag(6, (WireFormat.WireType)Fixed64);
        output.WriteSFixed64(value);
    });

    internal byte[] AbsentPoint(params (string Key, object Value)[] attributes) => Message(output =>
    {
        Time(output);
        output.WriteTag(4, (WireFormat.WireType)Fixed64);
        output.WriteDouble(42);
        foreach (var attribute in attributes) Sub(output, 7, Attribute(attribute));
        output.WriteTag(8, (WireFormat.WireType)Varint);
        output.WriteUInt32(1);
    });

    internal byte[] HistogramPoint(ulong[] buckets, double[] bounds, double? sum, ulong count, bool isPacked = true, params (string Key, object Value)[] attributes) => Message(output =>
    {
        Time(output);
        output.WriteTag(4, (WireFormat.WireType)Fixed64);
        output.WriteFixed64(count);
        if (sum is { } value)
        {
            output.WriteTag(5, (WireFormat.WireType)Fixed64);
            output.WriteDouble(value);
        }

        Repeated(output, 6, isPacked, [.. buckets.SelectMany(static bucket => BitConverter.GetBytes(bucket))]);
        Repeated(output, 7, isPacked, [.. bounds.SelectMany(static bound => BitConverter.GetBytes(bound))]);
        foreach (var attribute in attributes) Sub(output, 9, Attribute(attribute));
    });

    internal byte[] ToArray() => Message(output =>
    {
        foreach (var (resource, scopes) in resources)
        {
            Sub(output, 1, Message(resourceMetrics =>
            {
                Sub(resourceMetrics, 1, resource);
                foreach (var (scope, metrics) in scopes)
                {
                    Sub(resourceMetrics, 2, Message(scopeMetrics =>
                    {
                        Sub(scopeMetrics, 1, scope);
                        foreach (var metric in metrics) Sub(scopeMetrics, 2, metric);
                    }));
                }
            }));
        }
    });

    internal static byte[] Attribute((string Key, object Value) attribute) => Message(output =>
    {
        Text(output, 1, attribute.Key);
        Sub(output, 2, Value(attribute.Value));
    });

    internal static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true)) write(output);
        return memory.ToArray();
    }

    internal static void Sub(CodedOutputStream output, int field, byte[] message)
    {
        output.WriteTag(field, (WireFormat.WireType)Length);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    private static byte[] Value(object value) => Message(output =>
    {
        switch (value)
        {
            case string text:
                output.WriteTag(1, (WireFormat.WireType)Length);
                output.WriteString(text);
                break;
            case bool flag:
                output.WriteTag(2, (WireFormat.WireType)Varint);
                output.WriteBool(flag);
                break;
            case long number:
                output.WriteTag(3, (WireFormat.WireType)Varint);
                output.WriteInt64(number);
                break;
            case double number:
                output.WriteTag(4, (WireFormat.WireType)Fixed64);
                output.WriteDouble(number);
                break;
            case object[] list:
                Sub(output, 5, Message(array =>
                {
                    foreach (var item in list) Sub(array, 1, Value(item));
                }));
                break;
            case (string, object)[] pairs:
                Sub(output, 6, Message(array =>
                {
                    foreach (var pair in pairs) Sub(array, 1, Attribute(pair));
                }));
                break;
            case byte[] bytes:
                output.WriteTag(7, (WireFormat.WireType)Length);
                output.WriteBytes(ByteString.CopyFrom(bytes));
                break;
            default: throw new ArgumentOutOfRangeException(nameof(value), value, "No attribute can hold this.");
        }
    });

    private static void Text(CodedOutputStream output, int field, string text)
    {
        if (text.Length == 0) return;
        output.WriteTag(field, (WireFormat.WireType)Length);
        output.WriteString(text);
    }

    private static void Repeated(CodedOutputStream output, int field, bool isPacked, byte[] elements)
    {
        if (isPacked)
        {
            Sub(output, field, elements);
            return;
        }

        foreach (var element in elements.Chunk(8))
        {
            output.WriteTag(field, (WireFormat.WireType)Fixed64);
            output.WriteFixed64(BitConverter.ToUInt64(element));
        }
    }

    private void Time(CodedOutputStream output)
    {
        if (TimeUnixNano == 0) return;
        output.WriteTag(3, (WireFormat.WireType)Fixed64);
        output.WriteFixed64(TimeUnixNano);
    }
}
