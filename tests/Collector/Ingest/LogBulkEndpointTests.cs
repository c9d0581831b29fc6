using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Logs;
using Monitoring.Tests.Collector.Logs;
using Monitoring.Tests.Collector.Storage;
using Xunit;

namespace Monitoring.Tests.Collector.Ingest;

/// <summary>The intake answers as Elasticsearch does: whoever ships there needs to know nothing of it.</summary>
public sealed class LogBulkEndpointTests
{
    private static readonly ManualTimeProvider Clock = new(SomeLine.Start.AddHours(1));

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    public async Task Each_line_has_an_answer_of_its_own_and_one_that_comes_again_is_a_conflict(string? encoding)
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        var (errors, items) = await PushAsync(collector, SomeLine.Body(1, 2), encoding);
        errors.Should().BeFalse();
        items.Select(static item => (item.Id, item.Status, item.Result)).Should().Equal(("life-1", 201, "created"), ("life-2", 201, "created"));
        (errors, items) = await PushAsync(collector, SomeLine.Body(2, 3), encoding);
        errors.Should().BeTrue();
        items.Select(static item => (item.Id, item.Status, item.ErrorType)).Should().Equal(("life-2", 409, "version_conflict_engine_exception"), ("life-3", 201, ""));
        (await collector.GetAsync("/metrics")).Should().ContainAll("gpu_collector_log_lines_total 3", "gpu_collector_log_line_duplicates_total 1", "gpu_collector_log_lines_stored 3");
    }

    [Fact]
    public async Task What_is_not_to_be_created_among_agents_logs_is_refused_alone_for_good()
    {
        await using var collector = await RunningCollector.StartAsync(settings => settings.Logs.MaxLineBytes = 2048, Clock);
        (string Action, string Json, string Type, string Reason)[] rows =
        [
            (Create("logs-gpu.event-default-2026.01.01-000001"), SomeLine.Json(1), "illegal_argument_exception", "_index is 'logs-gpu.event-default-2026.01.01-000001', expected logs-gpu.agent-NAMESPACE-yyyy.MM.dd-000001*"),
            (Create("logs-gpu.agent-default"), SomeLine.Json(1), "illegal_argument_exception", "_index is 'logs-gpu.agent-default', expected*"),
            (Create("logs-gpu.agent-default-2026.01.02-000001"), SomeLine.Json(1), "illegal_argument_exception", "*expected the day of @timestamp (2026.01.01, UTC) in its name*"),
            ("""{"create":{}}""", SomeLine.Json(1), "illegal_argument_exception", "_index is ''*"),
            ($$$"""{"create":{"_index":"{{{SomeLine.Index}}}"}}""", SomeLine.Json(1), "illegal_argument_exception", "_id has 0 characters*"),
            (Create(SomeLine.Index).Replace("create", "index", StringComparison.Ordinal), SomeLine.Json(1), "illegal_argument_exception", "only write ops with an op_type of create are allowed here"),
            (Create(SomeLine.Index).Replace("create", "update", StringComparison.Ordinal), SomeLine.Json(1), "illegal_argument_exception", "only write ops*"),
            (Create(SomeLine.Index), SomeLine.Json(1, message: new string('x', 3000)), "document_parsing_exception", "the document has * bytes, 2048 are allowed: raise logs.max_line_bytes"),
            (Create(SomeLine.Index), "{", "document_parsing_exception", "the document is no JSON object*"),
            (Create(SomeLine.Index), "[1]", "document_parsing_exception", "the document is no JSON object"),
            (Create(SomeLine.Index), "{} {}", "document_parsing_exception", "the document is no JSON object*"),
            (Create(SomeLine.Index), """{"message":"x"}""", "document_parsing_exception", "@timestamp is '', expected a time of RFC 3339*"),
            (Create(SomeLine.Index), """{"@timestamp":1767225600000}""", "document_parsing_exception", "@timestamp is ''*"),
            (Create(SomeLine.Index), $$$"""{"@timestamp":"2026-01-01T00:00:00Z","host":{"name":"{{{new string('n', 300)}}}"}}""", "document_parsing_exception", "host.name has 300 characters*"),
        ];
        var body = string.Concat(rows.Select(static row => $"{row.Action}\n{row.Json}\n")) + "{\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}\n\n" + Encoding.UTF8.GetString(SomeLine.Body(7));
        var (errors, items) = await PushAsync(collector, Encoding.UTF8.GetBytes(body));
        errors.Should().BeTrue();
        items.Should().HaveCount(rows.Length + 2);
        for (var row = 0; row < rows.Length; row++)
        {
            (items[row].Status, items[row].ErrorType).Should().Be((400, rows[row].Type), rows[row].Json);
            items[row].Reason.Should().Match(rows[row].Reason);
        }

        (items[^2].Status, items[^2].Reason).Should().Be((400, "delete is not taken here: only create"));
        items[^1].Status.Should().Be(201, "the good one among them is kept");
        (await collector.GetAsync("/metrics")).Should().ContainAll(
            """gpu_collector_log_lines_lost_total{reason="target"} 8""", """gpu_collector_log_lines_lost_total{reason="malformed"} 6""", """gpu_collector_log_lines_lost_total{reason="size"} 1""");

        static string Create(string index) => $$$"""{"create":{"_index":"{{{index}}}","_id":"a"}}""";
    }

    [Theory]
    [InlineData("", "request body is required")]
    [InlineData("{\"create\":{}}\n{}", "The bulk request must be terminated by a newline [\\n]")]
    [InlineData("\n\n", "no requests added")]
    [InlineData("{\"create\":{}}\n", "line 1: the action has no document behind it")]
    [InlineData("nothing\n{}\n", "Malformed action/metadata line [1]*")]
    [InlineData("{\"upsert\":{}}\n{}\n", "Malformed action/metadata line [[]1], expected*")]
    [InlineData("{\"create\":{},\"index\":{}}\n{}\n", "Malformed action/metadata line [[]1], expected*")]
    [InlineData("[]\n{}\n", "Malformed action/metadata line [[]1], expected*")]
    [InlineData("{\"create\":{\"_id\":\"\\ud800\"}}\n{}\n", "Malformed action/metadata line [[]1]: *")]
    public async Task What_is_no_bulk_request_is_refused_as_a_whole(string body, string reason)
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        using var answer = await collector.PostAsync("/v1/logs/_bulk", Encoding.UTF8.GetBytes(body), "application/x-ndjson", null);
        await ShouldRefuse(answer, HttpStatusCode.BadRequest, "illegal_argument_exception", reason.Replace("[1]*", "*", StringComparison.Ordinal).Replace("[\\n]", "*", StringComparison.Ordinal).Replace("[[]", "*", StringComparison.Ordinal));
        (await collector.GetAsync("/metrics")).Should().Contain("""gpu_collector_rejected_pushes_total{reason="bulk_format"} 1""");
    }

    [Fact]
    public async Task Sizes_and_numbers_are_bounded()
    {
        await using var collector = await RunningCollector.StartAsync(settings =>
        {
            (settings.Ingest.MaxCompressedBytes, settings.Ingest.MaxDecompressedBytes, settings.Logs.MaxLinesPerPush) = (2048, 4096, 2);
        }, Clock);
        using var large = await PostAsync(collector, new byte[2049]);
        await ShouldRefuse(large, HttpStatusCode.RequestEntityTooLarge, "content_too_long_exception", "the body is larger than 2048 bytes*");
        using var bomb = await PostAsync(collector, RunningCollector.Gzip(new byte[100_000]), "gzip");
        await ShouldRefuse(bomb, HttpStatusCode.RequestEntityTooLarge, "content_too_long_exception", "the unpacked body is larger than 4096 bytes*");
        using var many = await PostAsync(collector, SomeLine.Body(1, 2, 3));
        await ShouldRefuse(many, HttpStatusCode.RequestEntityTooLarge, "content_too_long_exception", "the push holds more than 2 log lines: push fewer at once or raise logs.max_lines_per_push");
        using var typed = await collector.PostAsync("/v1/logs/_bulk", SomeLine.Body(1), "text/plain", null);
        await ShouldRefuse(typed, HttpStatusCode.UnsupportedMediaType, "media_type_header_exception", "content type 'text/plain' is not supported*");
    }

    [Fact]
    public async Task A_full_queue_is_429_and_a_full_disk_503_and_the_sender_keeps_its_lines()
    {
        using var held = new ManualResetEventSlim();
        var log = new FailingRecordLog { Hold = held };
        await using var collector = await RunningCollector.StartAsync(time: Clock, replace: services => services.AddSingleton(new LogStore(log, new LogStoreSettings { MaxPendingBytes = 1 }, Clock, NullLogger<LogStore>.Instance)));
        var first = PostAsync(collector, SomeLine.Body(1));
        await Eventually.HoldsAsync("the first line is being written", () => log.NextSequence > 1);
        using (var full = await PostAsync(collector, SomeLine.Body(2)))
        {
            await ShouldRefuse(full, HttpStatusCode.TooManyRequests, "es_rejected_execution_exception", "log lines of 1 bytes (logs.max_pending_bytes) wait for the disk already: keep the lines and push them again later");
            full.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(10));
        }

        held.Set();
        (await first).StatusCode.Should().Be(HttpStatusCode.OK);
        log.Room = 0;
        using var failed = await PostAsync(collector, SomeLine.Body(2));
        await ShouldRefuse(failed, HttpStatusCode.ServiceUnavailable, "unavailable_shards_exception", "the log lines cannot be written: No space left on device: *");
        (await collector.GetAsync("/metrics")).Should().ContainAll(
            """gpu_collector_rejected_pushes_total{reason="log_queue"} 1""", """gpu_collector_rejected_pushes_total{reason="log_store"} 1""", "gpu_collector_log_store_failures_total 1");
    }

    [Fact]
    public async Task A_client_is_told_what_it_speaks_to()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        using var answer = await collector.AskAsync("/v1/logs");
        answer.Headers.GetValues("X-Elastic-Product").Should().Equal("Elasticsearch");
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("version").GetProperty("number").GetString().Should().StartWith("8.");
    }

    [Fact]
    public async Task A_line_of_a_node_whose_clock_is_ahead_does_not_stand_before_all_others()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        await PushAsync(collector, SomeLine.Body(("logs-gpu.agent-default-2046.01.01-000001", "a", """{"@timestamp":"2046-01-01T00:00:00Z","message":"ahead"}"""), (SomeLine.Index, "b", SomeLine.Json(1))));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await PushAsync(collector, SomeLine.Body((SomeLine.Index, "c", SomeLine.Json(3600 + 30, message: "after"))));
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/logs"));
        page.RootElement.GetProperty("logs").EnumerateArray().Select(static line => line.GetProperty("message").GetString()).Should().Equal("after", "ahead", "Line 1");
    }

    [Fact]
    public async Task Bodies_that_are_damaged_anywhere_never_make_an_error_of_the_server()
    {
        await using var collector = await RunningCollector.StartAsync(time: Clock);
        var body = SomeLine.Body(1, 2, 3);
        var damages = Gen.ListOf(Gen.Zip(Gen.Choose(0, body.Length - 1), Gen.Choose(0, 255))).ToArbitrary();
        Prop.ForAll(damages, damage =>
        {
            var damaged = body.ToArray();
            foreach (var (at, value) in damage) damaged[at] = (byte)value;
            return IsAnswered(collector, damaged, null);
        }).Check(Fuzzing.Cases(300));
        Prop.ForAll<byte[], bool>((bytes, isGzip) => IsAnswered(collector, bytes ?? [], isGzip ? "gzip" : null)).Check(Fuzzing.Cases(200));
        Prop.ForAll(Pieces().ToArbitrary(), text => IsAnswered(collector, Encoding.UTF8.GetBytes(text), null)).Check(Fuzzing.Cases(500));
        // Whatever was taken can be asked for.
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/logs?limit=1000&text=line"));
        page.RootElement.GetProperty("logs").ValueKind.Should().Be(JsonValueKind.Array);
        (await collector.GetAsync("/logs?limit=1000")).Should().EndWith("</html>\n");
    }

    /// <summary>Actions and documents of pieces that are right, wrong and strange, in any order.</summary>
    private static Gen<string> Pieces()
    {
        string[] pieces =
        [
            $$$"""{"create":{"_index":"{{{SomeLine.Index}}}","_id":"x"}}""" + "\n", $$$"""{"create":{"_index":"{{{SomeLine.Index}}}","_id":"\ud83d\ude00"}}""" + "\n", "{\"index\":{\"_index\":null}}\n",
            "{\"delete\":{\"_id\":7}}\n", "{\"create\":{\"_id\":{\"a\":[1]}}}\n", "{\"create\":[]}\n", "\n", "\r\n", "{\"@timestamp\":\"2026-01-01T00:00:01Z\"}\n",
            "{\"@timestamp\":\"2026-01-01T00:00:01Z\",\"message\":\"\\ud800\",\"host\":\"n\",\"log\":[]}\n", "{\"@timestamp\":\"2026-01-01T00:00:01Z\",\"message\":{\"a\":1},\"host\":{\"name\":7},\"log\":{\"level\":{}}}\n",
            "{\"@timestamp\":\"2026-01-01T00:00:01Z\",\"error\":{\"stack_trace\":\"<script>\"},\"labels\":{\"a\":null}}\n", "{\"@timestamp\":\"9999-12-31T23:59:59-14:00\"}\n", "{\"host\":{\"name\":\"\\udc00\"}}\n", "null\n", "{\"a\":" + new string('[', 100) + "\n",
        ];
        return Gen.ListOf(Gen.Elements(pieces)).Select(static list => string.Concat(list));
    }

    private static bool IsAnswered(RunningCollector collector, byte[] body, string? encoding)
    {
        using var answer = PostAsync(collector, body, encoding).GetAwaiter().GetResult();
        using var json = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest;
    }

    private static Task<HttpResponseMessage> PostAsync(RunningCollector collector, byte[] body, string? encoding = null) =>
        collector.PostAsync("/v1/logs/_bulk", body, "application/x-ndjson", encoding);

    private static async Task<(bool Errors, List<Item> Items)> PushAsync(RunningCollector collector, byte[] body, string? encoding = null)
    {
        using var answer = await PostAsync(collector, encoding == "gzip" ? RunningCollector.Gzip(body) : body, encoding);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(HttpStatusCode.OK, text);
        using var json = JsonDocument.Parse(text);
        return (json.RootElement.GetProperty("errors").GetBoolean(), [.. json.RootElement.GetProperty("items").EnumerateArray().Select(Item.Read)]);
    }

    private static async Task ShouldRefuse(HttpResponseMessage answer, HttpStatusCode status, string type, string reason)
    {
        answer.StatusCode.Should().Be(status);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("status").GetInt32().Should().Be((int)status);
        body.RootElement.GetProperty("error").GetProperty("type").GetString().Should().Be(type);
        body.RootElement.GetProperty("error").GetProperty("reason").GetString().Should().Match(reason);
    }

    private sealed record Item(string Action, string Id, int Status, string Result, string ErrorType, string Reason)
    {
        internal static Item Read(JsonElement element)
        {
            var action = element.EnumerateObject().Single();
            var error = action.Value.TryGetProperty("error", out var found) ? found : default;
            return new Item(action.Name, action.Value.GetProperty("_id").GetString()!, action.Value.GetProperty("status").GetInt32(),
                action.Value.TryGetProperty("result", out var result) ? result.GetString()! : "",
                error.ValueKind == JsonValueKind.Object ? error.GetProperty("type").GetString()! : "", error.ValueKind == JsonValueKind.Object ? error.GetProperty("reason").GetString()! : "");
        }
    }
}
