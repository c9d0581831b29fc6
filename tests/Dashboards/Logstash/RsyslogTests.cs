using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Tests.Collector;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>A real rsyslog with the files that come along, into a real OpenSearch and into what the pipeline's script reads.</summary>
[Collection(nameof(GoldenSearchServer))]
public sealed class RsyslogTests(GoldenSearchServer shared)
{
    private const string ToElasticsearch = "gpu-to-elasticsearch.conf";
    private const string ToLogstash = "gpu-to-logstash.conf";
    private const int Anywhere = 9;

    [Theory]
    [InlineData(ToElasticsearch)]
    [InlineData(ToLogstash)]
    public async Task Rsyslog_finds_no_fault_in_the_file(string file)
    {
        var rsyslogd = Requirement.Program("rsyslogd");
        var folder = Directory.CreateTempSubdirectory("rsyslog-");
        var (code, output) = await ChildProcess.RunAsync(rsyslogd, ["-N1", "-f", RunningRsyslog.Configure(file, Anywhere, Anywhere, folder)]);
        folder.Delete(recursive: true);

        code.Should().Be(0, output);
        output.Should().NotContain("error", "a warning is a fault too").And.Contain("End of config validation run");
    }

    [Fact]
    public async Task An_event_that_came_from_the_collector_and_comes_from_rsyslog_is_one_document()
    {
        var server = await shared.StartedAsync();
        await using var rsyslog = await RunningRsyslog.StartAsync(ToElasticsearch, server.Process!.Address.Port);
        var places = new DocumentPlaces("both");
        var privacy = DocumentPrivacy.Of(new PrivacySettings());
        var documents = SomeRecords.All.Values.Select(record => EventDocument.Of(1, record, places, privacy)).DistinctBy(static document => document.Id).ToList();
        var fromCollector = documents.Take(documents.Count / 2).ToList();
        await server.CreateAsync(fromCollector.Select(static document => (document.Index, document.Id, Encoding.UTF8.GetString(document.Json.Span))));
        (await server.CountAsync("logs-gpu.event-both-*", All())).Should().Be(fromCollector.Count);

        await rsyslog.SendAsync("gpu-document", documents.Concat(documents).Select(static document => Encoding.UTF8.GetString(document.Json.Span)));

        (await RunningRsyslog.WaitForAsync(() => server.CountAsync("logs-gpu.event-both-*", All()), count => count >= documents.Count)).Should().Be(documents.Count);
        foreach (var document in documents)
        {
            var (status, answer) = await server.AskAsync("GET", $"/{document.Index}/_doc/{document.Id}");
            status.Should().Be(200, document.Id);
            JsonNode.DeepEquals(answer!["_source"], JsonNode.Parse(document.Json.Span)).Should().BeTrue($"{answer["_source"]!.ToJsonString()} is {Encoding.UTF8.GetString(document.Json.Span)}");
        }
    }

    [Fact]
    public async Task What_is_refused_for_good_and_what_is_no_document_are_kept()
    {
        var server = await shared.StartedAsync();
        await using var rsyslog = await RunningRsyslog.StartAsync(ToElasticsearch, server.Process!.Address.Port);

        await rsyslog.SendAsync("gpu-document", Document("refused", "first", "79"));
        (await RunningRsyslog.WaitForAsync(() => server.CountAsync("logs-gpu.agent-refused-2026.11.21-000001", All()), static count => count == 1)).Should().Be(1, "log lines have an index a day");
        await rsyslog.SendAsync("gpu-document", Document("refused", "second", "\"no number\""), "plain words", Document("refused", "third", "31"));

        (await RunningRsyslog.WaitForAsync(() => server.CountAsync("logs-gpu.agent-refused-*", All()), static count => count == 2)).Should().Be(2);
        var letter = JsonNode.Parse(await RunningRsyslog.WaitForAsync(() => ReadAsync(rsyslog, "gpu-dead-letters.ndjson"), static text => text.EndsWith('\n')))!;
        ((string)letter["error"]!["type"]!).Should().Be("mapper_parsing_exception");
        ((string)letter["status"]!, (string)letter["target"]!).Should().Be(("400", "logs-gpu.agent-refused-2026.11.21-000001"));
        letter["source"]!.ToJsonString().Should().Be(Document("refused", "second", "\"no number\"").Replace(" ", "", StringComparison.Ordinal).Replace("nonumber", "no number", StringComparison.Ordinal));
        (await RunningRsyslog.WaitForAsync(() => ReadAsync(rsyslog, "gpu-unknown.log"), static text => text.Length > 0)).Should().Contain("plain words");
    }

    [Fact]
    public async Task What_a_full_disk_refuses_is_sent_until_there_is_room()
    {
        const string Index = "logs-gpu.agent-full-2026.11.21-000001";
        var server = await shared.StartedAsync();
        await using var rsyslog = await RunningRsyslog.StartAsync(ToElasticsearch, server.Process!.Address.Port);
        await server.DoAsync("PUT", $"/{Index}", """{"settings":{"index.blocks.read_only_allow_delete":true}}""");
        var before = await RefusedAsync(server);

        await rsyslog.SendAsync("gpu-document", Document("full", "first", "79"), Document("full", "second", "31"));
        (await RunningRsyslog.WaitForAsync(() => RefusedAsync(server), refused => refused > before + 3)).Should().BeGreaterThan(before + 3, "it is refused, and sent again");
        (await server.CountAsync(Index, All())).Should().Be(0);
        await server.DoAsync("PUT", $"/{Index}/_settings", """{"index.blocks.read_only_allow_delete":null}""");

        (await RunningRsyslog.WaitForAsync(() => server.CountAsync(Index, All()), static count => count == 2)).Should().Be(2);
        (await ReadAsync(rsyslog, "gpu-dead-letters.ndjson")).Should().BeEmpty();
    }

    [Fact]
    public async Task What_goes_to_Logstash_is_what_the_script_understands()
    {
        using var logstash = new TcpListener(IPAddress.Loopback, 0);
        logstash.Start();
        await using var rsyslog = await RunningRsyslog.StartAsync(ToLogstash, ((IPEndPoint)logstash.LocalEndpoint).Port);
        const string Line = "NVRM: Xid (PCI:0000:52:00): 79, pid=4711, name=\"quoted\\python\", gone";

        await rsyslog.SendAsync("kernel", "usb 1-1: new device", Line);
        await rsyslog.SendAsync("gpu-agent", """{"Timestamp":"2026-11-21T12:00:00.1Z","Level":"Error","MessageTemplate":"a","RenderedMessage":"a \"b\"","Properties":{}}""");
        await rsyslog.SendAsync("sshd", "no matter");
        using var limit = new CancellationTokenSource(Eventually.Patience);
        using var client = await logstash.AcceptTcpClientAsync(limit.Token);
        using var reader = new StreamReader(client.GetStream());
        string[] lines = [(await reader.ReadLineAsync(limit.Token))!, (await reader.ReadLineAsync(limit.Token))!];

        var made = (await DocumentScript.RunAsync(lines)).Select(static events => events.Single()).OrderBy(static one => one.Index).ToList();
        made.Select(static one => one.Index).Should().Equal("logs-gpu.agent-default-2026.11.21-000001", "logs-gpu.event-default-2026.11.01-000001");
        ((string)made[0].Fields["message"]!).Should().Be("a \"b\"");
        ((string)made[1].Fields["event.original"]!).Should().Be(Line);
        ((string)made[1].Fields["host.name"]!).Should().Be("node-1");
        ((string)made[1].Fields["@timestamp"]!).Should().Be("2026-11-21T12:52:04.123456000Z");
    }

    /// <summary>How many documents the server has refused since its start.</summary>
    private static async Task<int> RefusedAsync(SearchServer server)
    {
        var answer = await server.DoAsync("GET", "/_nodes/stats/indices/indexing");
        return (int?)answer["nodes"]!.AsObject().Single().Value!["indices"]!["indexing"]!["doc_status"]?["4xx"] ?? 0;
    }

    private static string Document(string space, string id, string code) =>
        $$$"""{"@timestamp":"2026-11-21T12:52:04.9Z","event":{"id":"{{{id}}}"},"data_stream":{"type":"logs","dataset":"gpu.agent","namespace":"{{{space}}}"},"process":{"pid":{{{code}}} } }""";

    private static JsonObject All() => new() { ["match_all"] = new JsonObject() };

    private static async Task<string> ReadAsync(RunningRsyslog rsyslog, string file) =>
        Path.Combine(rsyslog.Folder.FullName, file) is var path && File.Exists(path) ? await File.ReadAllTextAsync(path) : "";
}
