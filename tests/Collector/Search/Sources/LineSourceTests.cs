using System.Text;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Sources;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Settings.Logs;
using Monitoring.Tests.Collector.Logs;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Sources;

public sealed class LineSourceTests : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("lines-");
    private readonly LogStoreSettings settings = new();
    private readonly ManualTimeProvider clock = new(SomeLine.Start.AddHours(1));
    private LogStore store = null!;

    public async ValueTask InitializeAsync()
    {
        var state = directory.CreateSubdirectory("state").FullName;
        store = new LogStore(LogStorage.Open(state, settings, clock, NullLogger<LogStore>.Instance), settings, clock, NullLogger<LogStore>.Instance);
        await store.StartAsync(default);
        await store.Recovered;
    }

    public async ValueTask DisposeAsync()
    {
        await store.StopAsync(default);
        store.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Each_stream_gives_its_own_lines_and_goes_on_after_them_in_the_next_life()
    {
        await store.AppendAsync([SomeLine.Line(1), Own(2), SomeLine.Line(3), Own(4)]);
        using (var agent = Source(SearchStream.Agent))
        {
            await agent.WaitAsync(default).AsTask().WaitAsync(Eventually.Patience);
            var lines = Read(agent);
            lines.Select(static one => one.Id).Should().Equal("life-1", "life-3");
            lines.Should().OnlyContain(static one => one.Index == SomeLine.Index);
            agent.Settle(lines[0]);
            agent.Commit();
        }

        using (var again = Source(SearchStream.Agent))
        {
            var lines = Read(again);
            lines.Select(static one => one.Id).Should().Equal("life-3");
            again.Settle(lines[0]);
            again.Commit();
            again.Waiting.Should().Be(0);
            again.Dropped.Should().OnlyContain(static loss => loss.Value == 0, "lines of other streams are no loss");
        }

        using var own = Source(SearchStream.Collector);
        Read(own).Select(static one => (one.Id, one.Index)).Should().Equal(("own-2", "logs-gpu.collector-default-2026.01.01-000001"), ("own-4", "logs-gpu.collector-default-2026.01.01-000001"));
    }

    [Fact]
    public async Task The_collector_says_the_namespace()
    {
        var json = """{"@timestamp":"2026-01-01T00:00:01Z","labels":{"namespace":"x"},"data_stream":{"type":"logs","namespace":"default","dataset":"gpu.agent"}}""";
        await store.AppendAsync([SomeLine.Line(1) with { Json = Encoding.UTF8.GetBytes(json) }]);
        using var source = Source(SearchStream.Agent, "lab");
        var line = Read(source).Single();
        line.Index.Should().Be("logs-gpu.agent-lab-2026.01.01-000001");
        SomeLine.Text(line.Json).Should().Be(json.Replace("\"default\"", "\"lab\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"data_stream.namespace":"a","x":1}""", """{"data_stream.namespace":"lab","x":1}""")]
    [InlineData("""{"x":{"data_stream":{"namespace":"a"}}}""", """{"x":{"data_stream":{"namespace":"a"}}}""")]
    [InlineData("""{"data_stream":[1],"y":"namespace"}""", """{"data_stream":[1],"y":"namespace"}""")]
    [InlineData("""{"data_stream":{"namespace":7}}""", """{"data_stream":{"namespace":7}}""")]
    [InlineData("{}", "{}")]
    public void Nothing_else_of_a_line_changes(string json, string expected) => SomeLine.Text(LineNamespace.Of(Encoding.UTF8.GetBytes(json), "lab")).Should().Be(expected);

    private static LogLine Own(int number) => SomeLine.Line(number, $"own-{number}") with { Index = "logs-gpu.collector-default-2026.01.01-000001", Level = LogThreshold.Warning };

    private LineSource Source(SearchStream stream, string name = "default") => new(store, stream, directory.CreateSubdirectory("ledgers").FullName, new DocumentPlaces(name));

    private static List<SourceDocument> Read(LineSource source)
    {
        var read = new List<SourceDocument>();
        source.Read(read, 100, 1 << 20);
        return read;
    }
}
