using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.RateLimiting;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Events;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Collector.Storage;
using Xunit;

namespace Monitoring.Tests.Collector.Ingest;

public sealed class EventEndpointTests
{
    private static readonly ManualTimeProvider Clock = new(SomeEvent.Start.AddHours(1));

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task Events_are_taken_once_and_the_answer_counts_them(string? encoding)
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        (await PushAsync(collector, SomeEvent.Body(1, 2), encoding)).Should().Be("""{"accepted":2,"duplicates":0,"expired":0,"rejected":[]}""");
        (await PushAsync(collector, SomeEvent.Body(2, 3), encoding)).Should().Be("""{"accepted":1,"duplicates":1,"expired":0,"rejected":[]}""");
        (await collector.GetAsync("/metrics")).Should().ContainAll(
            """gpu_collector_events_total{cluster="lab",kind="xid",severity="critical"} 3""", "gpu_collector_event_duplicates_total 1",
            "gpu_collector_events_stored 3", "gpu_collector_event_store_bytes ", """gpu_collector_events_expired_total{reason="late"} 0""",
            """gpu_collector_events_rejected_total{reason="malformed"} 0""", "gpu_collector_event_store_failures_total 0");
    }

    [Fact]
    public async Task An_event_is_kept_as_its_sender_wrote_it_with_what_this_version_does_not_know()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        var id = SomeEvent.IdOf(1);
        var line = $$$"""{"id":"{{{id}}}","time":"2026-01-01T00:00:00Z","node":"n1","kind":"tomorrow","title":"ü","evidence":{"sources":["kmsg"],"new":[1,{"x":null}]},"more":true}""";
        await PushAsync(collector, Encoding.UTF8.GetBytes(line));
        (await collector.GetAsync($"/api/v1/events/{id}")).Should().Be(line);
        (await collector.GetAsync("/metrics")).Should().Contain("""gpu_collector_events_total{kind="tomorrow",severity="unknown"} 1""");
    }

    [Fact]
    public async Task A_bad_line_is_refused_alone_and_named_with_what_is_wrong()
    {
        await using var collector = await RunningCollector.StartAsync(settings => settings.Events.MaxEventBytes = 2048, Clock);
        var good = Encoding.UTF8.GetString(SomeEvent.Body(1)).TrimEnd();
        string[] lines =
        [
            good, "{", "", "null", """{"id":"x","time":"2026-01-01T00:00:00Z","node":"n","kind":"xid","title":"t"}""",
            good.Replace("\"kind\":\"xid\"", "\"kind\":\"X I D\"", StringComparison.Ordinal), good.Replace("\"node\":\"n1\"", "\"node\":null", StringComparison.Ordinal),
            good.Replace("Event 1", new string('x', 3000), StringComparison.Ordinal), "[1]", Encoding.UTF8.GetString(SomeEvent.Body(2)).TrimEnd() + "\r",
        ];
        byte[] body = [.. Encoding.UTF8.GetBytes(string.Join('\n', lines)), (byte)'\n', (byte)'"', 0xFF, (byte)'"', (byte)'\n'];
        using var answer = JsonDocument.Parse(await PushAsync(collector, body));
        answer.RootElement.GetProperty("accepted").GetInt32().Should().Be(2);
        var rejected = answer.RootElement.GetProperty("rejected").EnumerateArray().ToList();
        rejected.Select(static line => line.GetProperty("line").GetInt32()).Should().Equal(2, 4, 5, 6, 7, 8, 9, 11);
        rejected.Select(static line => line.GetProperty("id").GetString()).Should().Equal(null, null, null, SomeEvent.IdOf(1), SomeEvent.IdOf(1), null, null, null);
        var reasons = rejected.ConvertAll(static line => line.GetProperty("reason").GetString()!);
        reasons[0].Should().StartWith("line 2: no event: ").And.EndWith("; send one JSON object a line with id, time, node, kind and title");
        reasons[2].Should().Contain("id 'x' is not 32 lower-case hexadecimal digits");
        reasons[3].Should().Be("line 6: kind is 'X I D', expected 1 to 64 of a-z, 0-9 and _, such as xid");
        reasons[4].Should().Contain("node");
        reasons[5].Should().EndWith("bytes, 2048 are allowed: shorten its evidence or raise events.max_event_bytes");
        reasons[7].Should().Be("line 11: the line is not UTF-8: encode it so");
        (await collector.GetAsync("/metrics")).Should().ContainAll(
            """gpu_collector_events_rejected_total{reason="malformed"} 5""", """gpu_collector_events_rejected_total{reason="name"} 1""",
            """gpu_collector_events_rejected_total{reason="size"} 1""", """gpu_collector_events_rejected_total{reason="encoding"} 1""");
    }

    [Fact]
    public async Task An_event_of_a_node_whose_clock_is_ahead_is_kept_and_ordered_by_when_it_came()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        var now = Clock.GetUtcNow();
        var ahead = SomeEvent.Record(1) with { Time = now.AddYears(30), Unknown = new Dictionary<string, JsonElement> { ["more"] = JsonDocument.Parse("7").RootElement } };
        var skewed = SomeEvent.Record(2) with { Time = now.AddMinutes(4) };
        var liar = SomeEvent.Record(3) with { Time = now.AddMinutes(-1), Received = now.AddYears(-50) };
        (await PushAsync(collector, SomeEvent.Body(ahead, skewed, liar))).Should().Be("""{"accepted":3,"duplicates":0,"expired":0,"rejected":[]}""");
        (await PushAsync(collector, SomeEvent.Body(ahead))).Should().Contain("\"duplicates\":1");

        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/events"));
        var events = page.RootElement.GetProperty("events").EnumerateArray().ToList();
        events.Select(static item => item.GetProperty("title").GetString()).Should().Equal("Event 2", "Event 1", "Event 3");
        events[1].GetProperty("time").GetDateTimeOffset().Should().Be(now.AddYears(30), "what the node said stays");
        events[1].GetProperty("received").GetDateTimeOffset().Should().Be(now);
        events[1].GetProperty("more").GetInt32().Should().Be(7);
        events[2].TryGetProperty("received", out _).Should().BeFalse("only the collector knows when it got an event");
        var until = Uri.EscapeDataString(now.AddHours(1).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        (await collector.GetAsync($"/api/v1/events?until={until}")).Should().Contain("Event 1");
        (await collector.GetAsync("/metrics")).Should().Contain("gpu_collector_events_ahead_total 1");
    }

    [Fact]
    public async Task An_event_older_than_events_are_kept_is_settled_and_not_kept()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        var old = SomeEvent.Record(1) with { Time = SomeEvent.Start.AddDays(-91) };
        (await PushAsync(collector, SomeEvent.Body(old))).Should().Be("""{"accepted":1,"duplicates":0,"expired":1,"rejected":[]}""");
        (await collector.GetAsync("/metrics")).Should().ContainAll("gpu_collector_events_stored 0", """gpu_collector_events_expired_total{reason="late"} 1""");
    }

    [Theory]
    [InlineData("application/json", null, HttpStatusCode.UnsupportedMediaType, "content_type", "content type 'application/json' is not supported: send application/x-ndjson, one event a line")]
    [InlineData("application/x-ndjson", "zstd", HttpStatusCode.UnsupportedMediaType, "content_encoding", "content encoding 'zstd' is not supported: send gzip or none")]
    [InlineData("application/x-ndjson", "gzip", HttpStatusCode.BadRequest, "gzip", "the body is not whole gzip of one member, though content-encoding says gzip")]
    public async Task A_push_that_cannot_be_read_is_refused_as_json(string type, string? encoding, HttpStatusCode status, string reason, string error)
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        using var answer = await collector.PostAsync("/v1/events", SomeEvent.Body(1), type, encoding);
        await ShouldRefuse(answer, status, reason, error);
        (await collector.GetAsync("/metrics")).Should().Contain($"gpu_collector_rejected_pushes_total{{reason=\"{reason}\"}} 1");
    }

    [Fact]
    public async Task Sizes_and_numbers_are_bounded_as_those_of_metrics()
    {
        await using var collector = await RunningCollector.StartAsync(settings =>
        {
            settings.Ingest.MaxCompressedBytes = 1024;
            settings.Ingest.MaxDecompressedBytes = 4096;
            settings.Events.MaxEventsPerPush = 2;
        }, Clock);
        using var large = await collector.PostAsync("/v1/events", new byte[1025], "application/x-ndjson", null);
        await ShouldRefuse(large, HttpStatusCode.RequestEntityTooLarge, "compressed_size", "the body is larger than 1024 bytes: push less at once or raise ingest.max_compressed_bytes");
        using var bomb = await collector.PostAsync("/v1/events", RunningCollector.Gzip(new byte[100_000]), "application/x-ndjson", "gzip");
        await ShouldRefuse(bomb, HttpStatusCode.RequestEntityTooLarge, "decompressed_size", "the unpacked body is larger than 4096 bytes: push less at once or raise ingest.max_decompressed_bytes");
        using var many = await collector.PostAsync("/v1/events", "{}\n{}\n{}\n{}\n"u8.ToArray(), "application/x-ndjson", null);
        await ShouldRefuse(many, HttpStatusCode.RequestEntityTooLarge, "event_limit", "the push holds more than 2 events (3 lines were read): push fewer at once or raise events.max_events_per_push");
        (await collector.GetAsync("/metrics")).Should().Contain("""gpu_collector_events_rejected_total{reason="malformed"} 0""", "what is refused as a whole comes again");
    }

    [Fact]
    public async Task A_push_beyond_those_in_work_is_told_to_come_again()
    {
        await using var collector = await RunningCollector.StartAsync(settings => (settings.Ingest.MaxConcurrentPushes, settings.Ingest.MaxQueuedPushes) = (1, 0), Clock);
        using (await collector.Service<ConcurrencyLimiter>().AcquireAsync(1))
        {
            using var answer = await collector.PostAsync("/v1/events", SomeEvent.Body(1), "application/x-ndjson", null);
            await ShouldRefuse(answer, HttpStatusCode.TooManyRequests, "busy", "1 pushes are in work or waiting already: retry, or raise ingest.max_queued_pushes");
            answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task On_a_full_disk_the_sender_keeps_its_events_and_tries_again()
    {
        var log = new FailingRecordLog { Room = 0 };
        await using var collector = await RunningCollector.StartAsync(time: Clock, replace: services => services.AddSingleton(new EventStore(log, new EventSettings(), Clock, NullLogger<EventStore>.Instance)));
        using (var answer = await collector.PostAsync("/v1/events", SomeEvent.Body(1), "application/x-ndjson", null))
        {
            await ShouldRefuse(answer, HttpStatusCode.ServiceUnavailable, "event_store", "the events cannot be written: No space left on device: keep the events and push them again later");
            answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(10));
        }

        log.Room = 10;
        (await PushAsync(collector, SomeEvent.Body(1))).Should().StartWith("""{"accepted":1,""");
        (await collector.GetAsync("/metrics")).Should().Contain("gpu_collector_event_store_failures_total 1");
    }

    [Fact]
    public async Task An_empty_push_is_nothing_wrong()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        (await PushAsync(collector, [])).Should().Be("""{"accepted":0,"duplicates":0,"expired":0,"rejected":[]}""");
    }

    [Fact]
    public void Only_so_many_clusters_and_unknown_kinds_are_shown()
    {
        var tally = new EventTally();
        for (var number = 0; number < 5000; number++) tally.Accept(new EventLabels($"c{number}", $"kind{number % 100}", EventSeverity.Info));
        var shown = tally.ReadAccepted().ToList();
        shown.Count.Should().BeLessThanOrEqualTo(EventInstruments.SeriesAtMost);
        shown.Sum(static one => one.Value).Should().Be(5000);
    }

    private static async Task<string> PushAsync(RunningCollector collector, byte[] body, string? encoding = null)
    {
        using var answer = await collector.PostAsync("/v1/events", encoding == "gzip" ? RunningCollector.Gzip(body) : body, "application/x-ndjson", encoding);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(HttpStatusCode.OK, text);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        return text;
    }

    private static async Task ShouldRefuse(HttpResponseMessage answer, HttpStatusCode status, string reason, string error)
    {
        answer.StatusCode.Should().Be(status);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("reason").GetString().Should().Be(reason);
        body.RootElement.GetProperty("error").GetString().Should().Be(error);
    }
}
