using System.Globalization;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;
using Monitoring.Elasticsearch.Logs;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Logs;

#pragma warning disable CA1848 // A test says each thing once.
public sealed class LogDocumentWriterTests
{
    private static readonly LogOrigin Origin = new("gpu.agent", "gpu-agent", "1.2.3", "node-7", "lab", "a1b2");

    [Fact]
    public void A_line_becomes_a_document_of_the_common_schema()
    {
        var formatter = new EcsLogFormatter(Origin);
        var lines = Lines(static logger => logger.LogWarning(new EventId(2190, "Slow"), new IOException("full"), "GPU {Gpu} of {Node} took {Took}", 3, "node-7", 1.5));
        using var document = JsonDocument.Parse(formatter.Write(lines.Single(), out var id));
        id.Should().Be("a1b2-1");
        var root = document.RootElement;
        Text(root, "message").Should().Be("GPU 3 of node-7 took 1.5");
        Text(root, "@timestamp").Should().MatchRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$");
        Text(root, "ecs", "version").Should().Be("9.4.0");
        (Text(root, "data_stream", "type"), Text(root, "data_stream", "dataset"), Text(root, "data_stream", "namespace")).Should().Be(("logs", "gpu.agent", "default"));
        (Text(root, "event", "kind"), Text(root, "event", "module"), Text(root, "event", "dataset"), Text(root, "event", "id")).Should().Be(("event", "gpu", "gpu.agent", id));
        (Text(root, "event", "code"), Text(root, "event", "action")).Should().Be(("2190", "Slow"));
        root.GetProperty("event").GetProperty("severity").GetInt32().Should().Be(4);
        (Text(root, "log", "level"), Text(root, "log", "logger")).Should().Be(("warning", "Some.Part"));
        (Text(root, "error", "type"), Text(root, "error", "message")).Should().Be(("System.IO.IOException", "full"));
        Text(root, "error", "stack_trace").Should().StartWith("System.IO.IOException: full");
        (Text(root, "host", "name"), Text(root, "orchestrator", "cluster", "name")).Should().Be(("node-7", "lab"));
        (Text(root, "service", "name"), Text(root, "service", "version"), Text(root, "agent", "type"), Text(root, "agent", "version")).Should().Be(("gpu-agent", "1.2.3", "gpu-agent", "1.2.3"));
        root.GetProperty("process").GetProperty("pid").GetInt32().Should().Be(Environment.ProcessId);
        Text(root, "gpu", "log", "template").Should().Be("GPU {Gpu} of {Node} took {Took}");
        root.GetProperty("labels").EnumerateObject().Select(static one => (one.Name, one.Value.GetString())).Should().BeEquivalentTo([("Gpu", "3"), ("Node", "node-7"), ("Took", "1.5")]);
    }

    [Theory]
    [InlineData(LogLevel.Trace, "trace", 7)]
    [InlineData(LogLevel.Debug, "debug", 7)]
    [InlineData(LogLevel.Information, "info", 6)]
    [InlineData(LogLevel.Error, "error", 3)]
    [InlineData(LogLevel.Critical, "critical", 2)]
    public void Levels_have_the_words_and_numbers_of_events(LogLevel level, string word, int severity)
    {
        using var document = JsonDocument.Parse(new LogDocumentWriter(Origin).Write(Lines(logger => logger.Log(level, "x")).Single(), "1"));
        (Text(document.RootElement, "log", "level"), document.RootElement.GetProperty("event").GetProperty("severity").GetInt32()).Should().Be((word, severity));
        document.RootElement.TryGetProperty("error", out _).Should().BeFalse("what is not there is no empty field");
        document.RootElement.TryGetProperty("labels", out _).Should().BeFalse();
    }

    [Fact]
    public void The_index_follows_from_the_time_alone_and_ids_from_life_and_number()
    {
        Origin.IndexOf(new DateTimeOffset(2026, 11, 30, 23, 30, 0, TimeSpan.FromHours(-2))).Should().Be("logs-gpu.agent-default-2026.12.01-000001");
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var lives = (string[])[LogOrigin.LifeOf("n", 1, start), LogOrigin.LifeOf("n", 2, start), LogOrigin.LifeOf("m", 1, start), LogOrigin.LifeOf("n", 1, start.AddTicks(1))];
        lives.Should().OnlyHaveUniqueItems();
        LogOrigin.LifeOf("n", 1, start).Should().Be(lives[0]);
        Origin.IdOf(17).Should().Be("a1b2-17");
    }

    [Fact]
    public void Whatever_is_said_is_one_line_of_json_of_bounded_size()
    {
        Prop.ForAll<string, string, int>((words, name, times) =>
        {
            var text = string.Concat(Enumerable.Repeat(words ?? "", Math.Abs(times % 5000)));
            var line = new LogEvent(DateTimeOffset.UnixEpoch, LogEventLevel.Error, new InvalidOperationException(text), new Serilog.Parsing.MessageTemplateParser().Parse(text),
                [new LogEventProperty("p" + (name ?? ""), new ScalarValue(text)), new LogEventProperty("SourceContext", new ScalarValue(text))]);
            var json = new LogDocumentWriter(Origin).Write(line, "1");
            using var document = JsonDocument.Parse(json);
            return json.Length <= LogDocumentWriter.MostBytes && !json.Contains((byte)'\n') && document.RootElement.GetProperty("message").GetString() is not null;
        }).Check(Fuzzing.Cases(200));
        // Each character of this takes six bytes of JSON.
        var worst = new LogEvent(DateTimeOffset.UnixEpoch, LogEventLevel.Error, new InvalidOperationException(new string('\u0001', 100_000)), new Serilog.Parsing.MessageTemplateParser().Parse(new string('\u0002', 100_000)),
            Enumerable.Range(0, 100).Select(static number => new LogEventProperty("p" + number.ToString(CultureInfo.InvariantCulture) + new string('\u0003', 1000), new ScalarValue(new string('\ud83d', 5000)))));
        var bytes = new LogDocumentWriter(Origin).Write(worst, "1");
        bytes.Length.Should().BeLessThanOrEqualTo(LogDocumentWriter.MostBytes);
        Encoding.UTF8.GetString(bytes).Should().Contain("error");
    }

    private static List<LogEvent> Lines(Action<Microsoft.Extensions.Logging.ILogger> log)
    {
        var kept = new Kept();
        using var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(kept).CreateLogger();
        using var provider = new SerilogLoggerProvider(logger);
        log(provider.CreateLogger("Some.Part"));
        return kept.Lines;
    }

    private static string? Text(JsonElement element, params string[] path)
    {
        foreach (var name in path) element = element.GetProperty(name);
        return element.GetString();
    }

    private sealed class Kept : ILogEventSink
    {
        internal List<LogEvent> Lines { get; } = [];

        public void Emit(LogEvent logEvent) => Lines.Add(logEvent);
    }
}
