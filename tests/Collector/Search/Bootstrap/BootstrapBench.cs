using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Search;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Tests.Elasticsearch.Servers;

namespace Monitoring.Tests.Collector.Search.Bootstrap;

/// <summary>A server and a client to put templates into it.</summary>
internal sealed class BootstrapBench : IAsyncDisposable
{
    private BootstrapBench(SearchServer server, string part)
    {
        Server = server;
        Settings = new ElasticsearchSettings { Namespace = part, Connection = { Urls = [server.Address] } };
        Client = new ElasticsearchClient(Settings.Connection, TimeProvider.System, NullLogger.Instance);
    }

    internal SearchServer Server { get; }

    internal ElasticsearchSettings Settings { get; }

    internal ElasticsearchClient Client { get; }

    internal DocumentPlaces Places => new(Settings.Namespace, "http://collector.example:9461");

    internal static async Task<BootstrapBench> FakeAsync(ServerFlavour flavour, bool hasStateManagement = true) => new(await SearchServer.FakeAsync(flavour, hasStateManagement), "default");

    /// <summary>The real server, with a namespace that no other test has.</summary>
    internal static async Task<BootstrapBench> RealAsync(RealServers servers) => new(await servers.UsualAsync(), "t" + Guid.NewGuid().ToString("N")[..12]);

    internal async Task<BootstrapReport> EnsureAsync() =>
        await new ServerBootstrap(Settings, Places).EnsureAsync(Client, await Client.DetectAsync(CancellationToken.None), CancellationToken.None);

    /// <summary>Creates a document as the delivery does; gives the status of its item.</summary>
    internal async Task<(int Status, string Said)> CreateAsync(SourceDocument document)
    {
        var (_, answer) = await Server.AskAsync("POST", "/_bulk?refresh=true", $$$"""{"create":{"_index":"{{{document.Index}}}","_id":"{{{document.Id}}}"}}""" + "\n" + GoldenJson(document) + "\n", "application/x-ndjson");
        return (answer?["items"]?[0]?["create"]?["status"]?.GetValue<int>() ?? 0, answer?.ToJsonString() ?? "");
    }

    internal async Task<int> CountAsync(string index, string query)
    {
        var (status, answer) = await Server.AskAsync("POST", $"/{index}/_count", $$$"""{"query":{{{query}}} }""");
        return status == 200 ? answer!["count"]!.GetValue<int>() : throw new InvalidOperationException($"{query}: {answer}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private static string GoldenJson(SourceDocument document) => System.Text.Encoding.UTF8.GetString(document.Json.Span);
}
