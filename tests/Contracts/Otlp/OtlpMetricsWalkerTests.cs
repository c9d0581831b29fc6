using FluentAssertions;
using Google.Protobuf;
using Monitoring.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Contracts.Otlp;

public sealed class OtlpMetricsWalkerTests
{
    private readonly OtlpPayload payload = new();

    [Fact]
    public void A_request_is_shown_in_order()
    {
        payload.Resource(("host.name", "n1")).Scope("s1")
            .Metric("gpu.power", "W", "Power.", 5, [payload.Point(12.5, ("gpu", "0")), payload.IntegerPoint(-3, ("gpu", "1"))], null, null)
            .Counter("gpu.energy", "J", payload.Point(7))
            .Scope("s2").Sum("queue", "", false, 1, payload.Point(1))
            .Resource(("host.name", "n2")).Scope("s3")
            .Histogram("wait", "s", payload.HistogramPoint([1, 2, 3], [0.5, 1], 4.5, 6, true, ("gpu", "2")));

        Walk(payload.ToArray()).Should().Equal(
            "resource {host.name=n1}", "scope s1",
            "Gauge gpu.power [W] Unspecified 'Power.'", "{gpu=0} 12.5", "{gpu=1} -3",
            "Sum gpu.energy [J] Cumulative monotonic ''", "{} 7",
            "scope s2", "Sum queue [] Delta ''", "{} 1",
            "resource {host.name=n2}", "scope s3",
            "Histogram wait [s] Cumulative ''", "{gpu=2} count 6 sum 4.5 buckets 1,2,3 bounds 0.5,1");
    }

    [Fact]
    public void Exponential_histograms_and_summaries_are_counted_point_by_point()
    {
        payload.Metric("e", "", "", 10, [[], []], 2, null).Metric("q", "", "", 11, [[]], null, null);
        Walk(payload.ToArray()).Skip(2).Should().Equal(
            "ExponentialHistogram e [] Cumulative ''", "other ExponentialHistogram", "other ExponentialHistogram", "Summary q [] Unspecified ''", "other Summary");
    }

    [Fact]
    public void Values_of_every_kind_become_label_text()
    {
        payload.Gauge("g", "", payload.Point(1,
            ("text", "a"), ("yes", true), ("whole", -7L), ("real", 0.5), ("bytes", new byte[] { 1, 2, 3 }),
            ("list", new object[] { "x\"", 1L, 2.5, false, new object[] { "deep" } }),
            ("pairs", new (string, object)[] { ("k", "v"), ("n", 3L) })));
        Walk(payload.ToArray())[^1].Should().Be(
            """{text=a yes=true whole=-7 real=0.5 bytes=AQID list=["x\u0022",1,2.5,false,["deep"]] pairs={"k":"v","n":3}} 1""");
    }

    [Fact]
    public void A_point_without_recorded_value_is_absent() => Assert.Equal("{gpu=0} NaN", Walk(payload.Gauge("g", "", payload.AbsentPoint(("gpu", "0"))).ToArray())[^1]);

    [Fact]
    public void A_point_without_any_value_is_absent() => Assert.Equal("{} NaN", Walk(payload.Gauge("g", "", (byte[])[]).ToArray())[^1]);

    [Fact]
    public void A_packed_field_in_large_pieces_is_a_fault_before_it_costs_its_size_squared()
    {
        byte[] Pieces(int count, int bytes) => OtlpPayload.Message(point =>
        {
            for (var piece = 0; piece < count; piece++) OtlpPayload.Sub(point, 6, new byte[bytes]);
        });
        var visitor = new ListingVisitor();
        OtlpMetricsWalker.Walk(new OtlpPayload().Histogram("h", "", Pieces(count: 3, bytes: 32 * 1024)).ToArray(), ref visitor).Error.Should().Be(ProtobufError.TooManyPieces);
        visitor = new ListingVisitor();
        OtlpMetricsWalker.Walk(new OtlpPayload().Histogram("h", "", Pieces(count: 3, bytes: 1024)).ToArray(), ref visitor).IsFault.Should().BeFalse();
    }

    [Fact]
    public void Buckets_and_bounds_that_are_not_packed_are_read_too()
    {
        payload.Histogram("h", "", payload.HistogramPoint([1, 2, 3], [0.5, 1], 4.5, 6, isPacked: false));
        Walk(payload.ToArray())[^1].Should().Be("{} count 6 sum 4.5 buckets 1,2,3 bounds 0.5,1");
    }

    [Fact]
    public void Attributes_with_other_fields_between_them_are_put_together()
    {
        var point = OtlpPayload.Message(output =>
        {
            OtlpPayload.Sub(output, 7, OtlpPayload.Attribute(("a", "1")));
            output.WriteTag(4, WireFormat.WireType.Fixed64);
            output.WriteDouble(9);
            OtlpPayload.Sub(output, 7, OtlpPayload.Attribute(("b", "2")));
            output.WriteTag(3, WireFormat.WireType.Fixed64);
            output.WriteFixed64(1);
        });
        Walk(payload.Gauge("g", "", point).ToArray())[^1].Should().Be("{a=1 b=2} 9");
    }

    [Fact]
    public void Heads_that_come_after_what_they_head_are_found()
    {
        var resource = OtlpPayload.Message(output => OtlpPayload.Sub(output, 1, OtlpPayload.Attribute(("host.name", "late"))));
        var metric = OtlpPayload.Message(output =>
        {
            OtlpPayload.Sub(output, 5, OtlpPayload.Message(gauge => OtlpPayload.Sub(gauge, 1, payload.Point(1))));
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteString("last");
        });
        var request = OtlpPayload.Message(output => OtlpPayload.Sub(output, 1, OtlpPayload.Message(resourceMetrics =>
        {
            OtlpPayload.Sub(resourceMetrics, 2, OtlpPayload.Message(scopeMetrics => OtlpPayload.Sub(scopeMetrics, 2, metric)));
            OtlpPayload.Sub(resourceMetrics, 1, resource);
        })));
        Walk(request).Should().Equal("resource {host.name=late}", "scope ", "Gauge last [] Unspecified ''", "{} 1");
    }

    [Fact]
    public void Fields_of_a_newer_protocol_are_stepped_over()
    {
        var newer = OtlpPayload.Message(output =>
        {
            output.WriteTag(99, WireFormat.WireType.Varint);
            output.WriteUInt64(5);
            output.WriteTag(100, WireFormat.WireType.Fixed32);
            output.WriteFixed32(5);
            output.WriteTag(101, WireFormat.WireType.LengthDelimited);
            output.WriteString("new");
        });
        var known = payload.Gauge("g", "", [.. payload.Point(1), .. newer]).ToArray();
        Walk([.. newer, .. known, .. newer])[^1].Should().Be("{} 1");
    }

    [Fact]
    public void Values_nested_deeper_than_the_limit_are_a_fault_and_not_a_stack_overflow()
    {
        object value = "x";
        for (var depth = 0; depth < 2000; depth++) value = new[] { value };
        var run = OtlpPayload.Message(output => OtlpPayload.Sub(output, 7, OtlpPayload.Attribute(("deep", value))));
        OtlpAttributes.Validate(run, OtlpTags.NumberAttributes, 0, out _).Error.Should().Be(ProtobufError.NestedTooDeep);
    }

    private static List<string> Walk(byte[] request)
    {
        var visitor = new ListingVisitor();
        OtlpMetricsWalker.Walk(request, ref visitor).Should().Be(default(ProtobufFault));
        return visitor.Lines;
    }
}
