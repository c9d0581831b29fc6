using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.RateLimiting;
using FluentAssertions;
using Google.Protobuf;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Series;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Collector.Ingest;

public sealed class PushEndpointTests
{
    private static readonly byte[] Push = Make(1);

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("identity")]
    [InlineData("GZIP")]
    public async Task A_push_is_stored_and_answered_with_an_empty_response(string? encoding)
    {
        await using var collector = await RunningCollector.StartAsync();
        var body = string.Equals(encoding, "gzip", StringComparison.OrdinalIgnoreCase) ? RunningCollector.Gzip(Push) : Push;
        using var answer = await collector.PushAsync(body, encoding: encoding);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/x-protobuf");
        (await answer.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        (await collector.GetAsync("/nodes/n1/metrics")).Should().Contain("""g{i="0",node="n1"} 0""");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused_in_words(string? type)
    {
        await using var collector = await RunningCollector.StartAsync();
        using var answer = await collector.PushAsync(Push, type);
        answer.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        (await answer.Content.ReadAsStringAsync()).Should().Be($"content type '{type}' is not supported: send application/x-protobuf (exporter protocol http/protobuf)\n");
        collector.Store.Tally.Rejected(PushRejection.ContentType).Should().Be(1);
    }

    [Fact]
    public async Task Parameters_of_the_content_type_do_not_matter()
    {
        await using var collector = await RunningCollector.StartAsync();
        (await collector.PushAsync(Push, "Application/X-Protobuf; charset=utf-8")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_encoding_is_refused_and_told_which_are_taken()
    {
        await using var collector = await RunningCollector.StartAsync();
        using var answer = await collector.PushAsync(Push, encoding: "zstd");
        await ShouldRefuse(collector, answer, HttpStatusCode.UnsupportedMediaType, 3, "content encoding 'zstd' is not supported: send gzip or none", PushRejection.ContentEncoding);
        answer.Headers.GetValues("Accept-Encoding").Should().Equal("gzip, identity");
    }

    [Fact]
    public async Task A_malformed_push_is_refused_with_error_and_offset()
    {
        await using var collector = await RunningCollector.StartAsync();
        using var answer = await collector.PushAsync([0x0A, 0x7F, 0x00]);
        await ShouldRefuse(collector, answer, HttpStatusCode.BadRequest, 3,
            "the body is not a valid ExportMetricsServiceRequest: LengthBeyondEnd at byte 1", PushRejection.Malformed);
    }

    [Theory]
    [InlineData("not gzip")]
    [InlineData("cut short")]
    [InlineData("cut trailer")]
    [InlineData("wrong checksum")]
    [InlineData("empty")]
    public async Task What_is_not_whole_gzip_is_refused(string damage)
    {
        var packed = RunningCollector.Gzip(Push);
        byte[] body = damage switch
        {
            "not gzip" => Push,
            "cut short" => packed[..^20],
            "cut trailer" => packed[..^1],
            "wrong checksum" => [.. packed[..^8], (byte)~packed[^8], .. packed[^7..]],
            _ => [],
        };
        await using var collector = await RunningCollector.StartAsync();
        using var answer = await collector.PushAsync(body, encoding: "gzip");
        await ShouldRefuse(collector, answer, HttpStatusCode.BadRequest, 3, "the body is not whole gzip of one member, though content-encoding says gzip", PushRejection.Gzip);
        collector.Store.Nodes.Count.Should().Be(0);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_whether_its_length_is_announced_or_not()
    {
        await using var collector = await RunningCollector.StartAsync(settings => settings.Ingest.MaxCompressedBytes = 1024);
        const string Message = "the body is larger than 1024 bytes: push less at once or raise ingest.max_compressed_bytes";
        using var announced = await collector.PushAsync(new byte[1025]);
        await ShouldRefuse(collector, announced, HttpStatusCode.RequestEntityTooLarge, 8, Message, PushRejection.CompressedSize);

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/metrics", UriKind.Relative)) { Content = new ByteArrayContent(new byte[5000]) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await collector.Client.SendAsync(request);
        chunked.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        collector.Store.Tally.Rejected(PushRejection.CompressedSize).Should().Be(2);
    }

    [Fact]
    public async Task A_gzip_bomb_ends_at_the_limit()
    {
        await using var collector = await RunningCollector.StartAsync(settings =>
        {
            settings.Ingest.MaxCompressedBytes = 1_000_000;
            settings.Ingest.MaxDecompressedBytes = 2_000_000;
        });
        using var answer = await collector.PushAsync(RunningCollector.Gzip(new byte[20_000_000]), encoding: "gzip");
        await ShouldRefuse(collector, answer, HttpStatusCode.RequestEntityTooLarge, 8,
            "the unpacked body is larger than 2000000 bytes: push less at once or raise ingest.max_decompressed_bytes", PushRejection.DecompressedSize);
    }

    [Fact]
    public async Task More_points_than_allowed_are_refused()
    {
        await using var collector = await RunningCollector.StartAsync(settings => settings.Ingest.MaxPointsPerPush = 5);
        using var answer = await collector.PushAsync(Make(6));
        await ShouldRefuse(collector, answer, HttpStatusCode.UnprocessableEntity, 3,
            "the push holds 6 points, 5 are allowed: push fewer at once or raise ingest.max_points_per_push", PushRejection.PointLimit);
    }

    [Fact]
    public async Task A_node_too_many_may_try_again_later()
    {
        await using var collector = await RunningCollector.StartAsync(settings => settings.Series.MaxNodes = 1);
        await collector.PushAsync(Push);
        using var answer = await collector.PushAsync(Make(1, "n2"));
        await ShouldRefuse(collector, answer, HttpStatusCode.TooManyRequests, 8,
            "all 1 points were refused: the collector holds 1 nodes already: raise series.max_nodes", PushRejection.NodeLimit);
        answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Refused_points_are_named_in_a_partial_success()
    {
        await using var collector = await RunningCollector.StartAsync(settings => settings.Series.MaxSeriesPerNode = 2);
        using var answer = await collector.PushAsync(Make(5));
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var (rejected, message) = ReadPartialSuccess(await answer.Content.ReadAsByteArrayAsync());
        rejected.Should().Be(3);
        message.Should().Be("the node has 2 series already: send fewer label values or raise series.max_series_per_node");
    }

    [Fact]
    public async Task A_push_of_nothing_but_refused_points_is_refused()
    {
        await using var collector = await RunningCollector.StartAsync();
        var payload = new OtlpPayload().Resource(("host.name", "n1"));
        using var answer = await collector.PushAsync(payload.Sum("d", "", true, 1, payload.Point(1)).ToArray());
        await ShouldRefuse(collector, answer, HttpStatusCode.UnprocessableEntity, 3,
            "all 1 points were refused: a sum or histogram is a delta: set the exporter's temporality to cumulative", PushRejection.AllPointsRefused);
    }

    [Fact]
    public async Task A_push_beyond_those_in_work_and_waiting_is_told_to_come_again()
    {
        await using var collector = await RunningCollector.StartAsync(settings =>
        {
            settings.Ingest.MaxConcurrentPushes = 1;
            settings.Ingest.MaxQueuedPushes = 0;
        });
        using (await collector.Service<ConcurrencyLimiter>().AcquireAsync(1))
        {
            using var answer = await collector.PushAsync(Push);
            await ShouldRefuse(collector, answer, HttpStatusCode.TooManyRequests, 8,
                "1 pushes are in work or waiting already: retry, or raise ingest.max_queued_pushes", PushRejection.Busy);
        }

        (await collector.PushAsync(Push)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Bodies_that_are_being_received_hold_no_more_memory_than_those_in_work_may()
    {
        await using var collector = await RunningCollector.StartAsync(settings =>
        {
            settings.Ingest.MaxConcurrentPushes = 1;
            settings.Ingest.MaxCompressedBytes = 4096;
        });
        var push = Make(60);
        push.Length.Should().BeInRange(1000, 4000);
        using (var slow = new TcpClient())
        {
            await slow.ConnectAsync(IPAddress.Loopback, collector.Address.Port);
            var head = $"POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 4096\r\n\r\n";
            await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            await slow.GetStream().WriteAsync(new byte[4000]);
            // Not before it holds them: a push in work at that moment would leave the slow one none.
            var budget = collector.Service<BodyBudget>();
            await Eventually.HoldsAsync("the slow push holds its bytes", () => budget.HeldBytes >= 4000);
            (await PushUntilAsync(collector, push, HttpStatusCode.TooManyRequests)).Should().Contain("max_concurrent_pushes");
        }

        // What the slow one held is free again.
        await PushUntilAsync(collector, push, HttpStatusCode.OK);
        collector.Store.Tally.Rejected(PushRejection.BodyMemory).Should().BePositive();
    }

    [Fact]
    public async Task A_sender_that_hangs_up_in_the_middle_is_counted_and_changes_nothing()
    {
        await using var collector = await RunningCollector.StartAsync();
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, collector.Address.Port);
            var head = $"POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: {Push.Length}\r\n\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            await socket.GetStream().WriteAsync(Push.AsMemory(0, Push.Length / 2));
        }

        await Eventually.HoldsAsync("the server notices", () => collector.Store.Tally.Rejected(PushRejection.Incomplete) > 0);
        collector.Store.Tally.Rejected(PushRejection.Incomplete).Should().Be(1);
        collector.Store.Nodes.Count.Should().Be(0);
    }

    [Fact]
    public async Task Only_post_is_taken()
    {
        await using var collector = await RunningCollector.StartAsync();
        (await collector.AskAsync("/v1/metrics")).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    /// <summary>Pushes until the answer is the expected one: when the server has received or missed another sender is its own affair.</summary>
    private static async Task<string> PushUntilAsync(RunningCollector collector, byte[] push, HttpStatusCode expected)
    {
        var text = "";
        await Eventually.HoldsAsync($"the collector answers {expected}", async () =>
        {
            using var answer = await collector.PushAsync(push);
            text = await answer.Content.ReadAsStringAsync();
            return answer.StatusCode == expected;
        });
        return text;
    }

    private static byte[] Make(int points, string node = "n1")
    {
        var payload = new OtlpPayload().Resource(("host.name", node));
        return payload.Gauge("g", "", [.. Enumerable.Range(0, points).Select(index => payload.Point(index, ("i", (long)index)))]).ToArray();
    }

    private static async Task ShouldRefuse(RunningCollector collector, HttpResponseMessage answer, HttpStatusCode status, int code, string message, PushRejection reason)
    {
        answer.StatusCode.Should().Be(status);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/x-protobuf");
        var input = new CodedInputStream(await answer.Content.ReadAsByteArrayAsync());
        input.ReadTag().Should().Be(8);
        input.ReadInt32().Should().Be(code);
        input.ReadTag().Should().Be(18);
        input.ReadString().Should().Be(message);
        collector.Store.Tally.Rejected(reason).Should().Be(1);
        (await collector.GetAsync("/metrics")).Should().Contain($"gpu_collector_rejected_pushes_total{{reason=\"{reason.Label()}\"}} 1");
    }

    private static (long Rejected, string Message) ReadPartialSuccess(byte[] response)
    {
        var outer = new CodedInputStream(response);
        outer.ReadTag().Should().Be(10);
        var input = new CodedInputStream(outer.ReadBytes().ToByteArray());
        input.ReadTag().Should().Be(8);
        var rejected = input.ReadInt64();
        input.ReadTag().Should().Be(18);
        return (rejected, input.ReadString());
    }
}
