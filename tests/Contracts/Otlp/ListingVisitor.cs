using System.Globalization;
using System.Text;
using Monitoring.Contracts.Otlp;

namespace Monitoring.Tests.Contracts.Otlp;

/// <summary>Writes down what a walk shows, a line per thing.</summary>
internal sealed class ListingVisitor : IOtlpMetricsVisitor
{
    internal List<string> Lines { get; } = [];

    /// <summary>Whether every attribute of every point and resource could be read.</summary>
    internal bool AttributesAreWhole { get; private set; } = true;

    public ProtobufFault EnterResource(ReadOnlySpan<byte> resource, int offset)
    {
        Lines.Add("resource " + Attributes(resource, OtlpTags.ResourceAttributes));
        return default;
    }

    public ProtobufFault EnterScope(ReadOnlySpan<byte> scope, int offset)
    {
        var reader = new ProtobufReader(scope);
        var name = "";
        while (reader.ReadTag())
        {
            if (reader.Tag == OtlpTags.ScopeName) name = Encoding.UTF8.GetString(reader.ReadBytes());
            else reader.Skip();
        }

        Lines.Add("scope " + name);
        return default;
    }

    public void EnterMetric(in OtlpMetric metric) => Lines.Add(
        $"{metric.Kind} {Encoding.UTF8.GetString(metric.Name)} [{Encoding.UTF8.GetString(metric.Unit)}] {metric.Temporality} {(metric.IsMonotonic ? "monotonic " : "")}'{Encoding.UTF8.GetString(metric.Description)}'");

    public ProtobufFault VisitNumber(in OtlpNumberPoint point, int offset)
    {
        Lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Attributes(point.Attributes, OtlpTags.NumberAttributes)} {point.Value}"));
        return default;
    }

    public ProtobufFault VisitHistogram(in OtlpHistogramPoint point, int offset)
    {
        var counts = Chunks(point.BucketCounts).Select(static bytes => BitConverter.ToUInt64(bytes));
        var bounds = Chunks(point.Bounds).Select(static bytes => BitConverter.ToDouble(bytes).ToString(CultureInfo.InvariantCulture));
        Lines.Add(string.Create(CultureInfo.InvariantCulture,
            $"{Attributes(point.Attributes, OtlpTags.HistogramAttributes)} count {point.Count} sum {point.Sum} buckets {string.Join(',', counts)} bounds {string.Join(',', bounds)}"));
        return default;
    }

    public void VisitOther(OtlpMetricKind kind) => Lines.Add($"other {kind}");

    private string Attributes(ReadOnlySpan<byte> run, uint tag)
    {
        AttributesAreWhole &= !OtlpAttributes.Validate(run, tag, 0, out _).IsFault;
        var text = new StringBuilder("{");
        foreach (var attribute in new OtlpAttributes(run, tag)) text.Append(Encoding.UTF8.GetString(attribute.Key)).Append('=').Append(attribute.Value.ToString()).Append(' ');
        return text.ToString().TrimEnd() + "}";
    }

    private static IEnumerable<byte[]> Chunks(ReadOnlySpan<byte> bytes) => bytes.ToArray().Chunk(8);
}
