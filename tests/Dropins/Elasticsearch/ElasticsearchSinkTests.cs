using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Logs;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Sinks.Elasticsearch;
using Xunit;

namespace Monitoring.Tests.Dropins.Elasticsearch;

/// <summary>The sink on its way to a server that answers as a test wishes; what the delivery does with answers has tests of its own.</summary>
public sealed class ElasticsearchSinkTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("elasticsearch-sink-");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_are_created_once_in_the_index_of_their_day_with_ids_of_their_own(bool onDisk)
    {
        var server = new BulkServer();
        var (options, formatter) = Options(server, onDisk);
        options.MinimumLogEventLevel = LogEventLevel.Information;
        options.IndexDecider = static (_, at) => $"logs-gpu.agent-default-{at:yyyy.MM.dd}-000001";
        await using (var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Elasticsearch(options).CreateLogger())
        {
            for (var number = 0; number < 300; number++) logger.Information("Line {Number}", number);
            logger.Debug("not wanted");
            await server.UntilAsync(static server => server.Documents.Count == 300);
        }

        server.Documents.Keys.Should().OnlyContain(static key => key.StartsWith("logs-gpu.agent-default-", StringComparison.Ordinal));
        server.Documents.Values.Select(static json => json.GetProperty("message").GetString()).Should().BeEquivalentTo(Enumerable.Range(0, 300).Select(static number => $"Line {number}"));
        server.Documents.Should().OnlyContain(static one => one.Key.EndsWith("/" + one.Value.GetProperty("event").GetProperty("id").GetString(), StringComparison.Ordinal));
        (formatter.Tally!.Sent, formatter.Tally.Waiting, formatter.Tally.DeadLetters).Should().Be((300, 0, 0));
    }

    [Fact]
    public async Task What_the_server_did_not_get_is_sent_by_the_next_life_of_the_process()
    {
        var server = new BulkServer { Status = HttpStatusCode.ServiceUnavailable };
        await using (var logger = new LoggerConfiguration().WriteTo.Elasticsearch(Options(server, onDisk: true).Options).CreateLogger())
        {
            for (var number = 0; number < 50; number++) logger.Warning("Line {Number}", number);
        }

        server.Documents.Should().BeEmpty();
        server.Status = HttpStatusCode.OK;
        await using var again = new LoggerConfiguration().WriteTo.Elasticsearch(Options(server, onDisk: true).Options).CreateLogger();
        again.Warning("Another");
        await server.UntilAsync(static server => server.Documents.Count == 51);
    }

    [Fact]
    public async Task The_end_waits_for_a_server_that_hangs_no_longer_than_told()
    {
        var server = new BulkServer { Hangs = true };
        var (options, _) = Options(server, onDisk: false);
        options.FlushTimeout = TimeSpan.FromMilliseconds(100);
        var logger = new LoggerConfiguration().WriteTo.Elasticsearch(options).CreateLogger();
        logger.Warning("Line");
        await logger.DisposeAsync().AsTask().WaitAsync(Eventually.Patience);
        // Whoever logs after the end is not to hear of it either.
        logger.Warning("Late");
    }

    [Fact]
    public async Task In_memory_the_oldest_make_room_and_are_counted_and_nobody_waits()
    {
        var server = new BulkServer { Status = HttpStatusCode.ServiceUnavailable };
        var (options, formatter) = Options(server, onDisk: false);
        options.QueueSizeLimit = 100;
        options.FlushTimeout = TimeSpan.FromMilliseconds(100);
        await using (var logger = new LoggerConfiguration().WriteTo.Elasticsearch(options).CreateLogger())
        {
            for (var number = 0; number < 5000; number++) logger.Warning("Line {Number}", number);
            await Eventually.HoldsAsync("every line waits or is counted as dropped", () => formatter.Tally!.Dropped.Values.Sum() + formatter.Tally.Waiting == 5000);
            formatter.Tally!.Waiting.Should().BeLessThanOrEqualTo(100);
            formatter.Tally.Dropped.Keys.Should().Contain(["spool_full", "queue_full", "unformatted", "too_large"]);
        }
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_or_is_too_long_is_dropped_and_told_to_self_log_and_failure_sink_alone()
    {
        var server = new BulkServer();
        var failures = new Kept();
        var (options, _) = Options(server, onDisk: false);
        (options.CustomFormatter, options.SingleEventSizePostingLimit, options.FailureSink) = (new Odd(), 100, failures);
        options.EmitEventFailure = EmitEventFailureHandling.WriteToSelfLog | EmitEventFailureHandling.WriteToFailureSink;
        await using var logger = new LoggerConfiguration().WriteTo.Elasticsearch(options).CreateLogger();
        logger.Warning("throw");
        logger.Warning(new string('x', 200));
        logger.Warning("good");
        await server.UntilAsync(static server => server.Documents.Count == 1);
        failures.Events.Select(static one => one.MessageTemplate.Text.Length).Should().Equal("throw".Length, 200);
        server.Documents.Values.Single().GetProperty("m").GetString().Should().Be("good");
    }

    [Fact]
    public async Task A_failure_of_the_sink_is_said_to_self_log_and_makes_no_event()
    {
        var server = new BulkServer { Status = HttpStatusCode.ServiceUnavailable };
        var said = new StringWriter();
        var (options, formatter) = Options(server, onDisk: false);
        options.FlushTimeout = TimeSpan.FromMilliseconds(100);
        SelfLog.Enable(TextWriter.Synchronized(said));
        try
        {
            await using (var logger = new LoggerConfiguration().WriteTo.Elasticsearch(options).CreateLogger())
            {
                logger.Warning("Line");
                await server.UntilAsync(static server => server.Requests > 2);
                formatter.Tally!.Waiting.Should().Be(1, "what is said of the failure is no line");
            }
        }
        finally
        {
            SelfLog.Disable();
        }

        said.ToString().Should().Contain("503");
    }

    [Theory]
    [InlineData("http://a.example:9200; http://b.example:9200/path", 2)]
    [InlineData("http://a.example:9200", 1)]
    public void Nodes_stand_in_one_text(string nodes, int count)
    {
        using var logger = new LoggerConfiguration().WriteTo.Elasticsearch(nodes, indexFormat: "x-{0:yyyy}", period: 1).CreateLogger();
        nodes.Split(';').Should().HaveCount(count);
    }

    [Fact]
    public void A_wrong_option_is_named_with_its_value()
    {
        FluentActions.Invoking(static () => new LoggerConfiguration().WriteTo.Elasticsearch("nothing")).Should().Throw<ArgumentException>().WithMessage("nodeUris has 'nothing', expected addresses*");
        FluentActions.Invoking(static () => new LoggerConfiguration().WriteTo.Elasticsearch("ftp://a.example")).Should().Throw<ArgumentException>().WithMessage("urls*http*");
        FluentActions.Invoking(static () => new LoggerConfiguration().WriteTo.Elasticsearch("http://a.example", indexFormat: "x-{1}")).Should().Throw<ArgumentException>().WithMessage("IndexFormat is 'x-{1}'*");
    }

    private (ElasticsearchSinkOptions Options, EcsLogFormatter Formatter) Options(BulkServer server, bool onDisk)
    {
        var origin = new LogOrigin("gpu.agent", "gpu-agent", "1", "n1", "lab", Guid.NewGuid().ToString("N"));
        var formatter = new EcsLogFormatter(origin) { Connection = new ElasticsearchConnectionSettings { RetryPause = TimeSpan.FromMilliseconds(10), RetryPauseMax = TimeSpan.FromMilliseconds(100) } };
        return (new ElasticsearchSinkOptions(new Uri("http://search.example:9200"))
        {
            CustomFormatter = formatter, Handler = server, Period = TimeSpan.FromMilliseconds(20), BufferBaseFilename = onDisk ? Path.Combine(directory.FullName, "log") : null,
        }, formatter);
    }

    /// <summary>Creates documents in memory as Elasticsearch would.</summary>
    private sealed class BulkServer : HttpMessageHandler
    {
        private readonly Lock gate = new();

        internal HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        internal bool Hangs { get; init; }

        internal int Requests { get; private set; }

        /// <summary>By index and id.</summary>
        internal Dictionary<string, JsonElement> Documents { get; } = [];

        internal Task UntilAsync(Func<BulkServer, bool> condition) => Eventually.HoldsAsync("the server is asked", () =>
        {
            lock (gate) return condition(this);
        });

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Hangs) await new TaskCompletionSource<bool>().Task.WaitAsync(cancellationToken);
            var packed = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            lock (gate)
            {
                Requests++;
                if (Status != HttpStatusCode.OK) return new HttpResponseMessage(Status);
                var lines = Encoding.UTF8.GetString(Unpacked(request, packed)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                var items = new List<string>();
                for (var at = 0; at + 1 < lines.Length; at += 2)
                {
                    var action = JsonDocument.Parse(lines[at]).RootElement.GetProperty("create");
                    var key = $"{action.GetProperty("_index").GetString()}/{action.GetProperty("_id").GetString()}";
                    items.Add(Documents.TryAdd(key, JsonDocument.Parse(lines[at + 1]).RootElement)
                        ? """{"create":{"status":201}}""" : """{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"exists"}}}""");
                }

                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($$"""{"took":1,"errors":false,"items":[{{string.Join(',', items)}}]}""", Encoding.UTF8, "application/json") };
            }
        }

        private static byte[] Unpacked(HttpRequestMessage request, byte[] packed)
        {
            if (request.Content?.Headers.ContentEncoding.Contains("gzip") != true) return packed;
            using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(packed), System.IO.Compression.CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            return plain.ToArray();
        }
    }

    private sealed class Kept : ILogEventSink
    {
        internal List<LogEvent> Events { get; } = [];

        public void Emit(LogEvent logEvent) => Events.Add(logEvent);
    }

    private sealed class Odd : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            if (logEvent.MessageTemplate.Text == "throw") throw new InvalidOperationException("odd");
            output.WriteLine($"{{\"m\":\n\"{logEvent.MessageTemplate.Text}\"}}");
        }
    }
}
