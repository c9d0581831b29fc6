using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Search;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Tests.Collector.Search.Documents;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Dashboards;

/// <summary>
/// A real OpenSearch with the collector's own templates and the golden documents, one for all tests of the collection; it starts with the
/// first that asks. It is not the one of other tests, since aggregations look at everything that has a name.
/// </summary>
public sealed class GoldenSearchServer : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private SearchServer? server;

    /// <summary>The server; skips the test where there can be none.</summary>
    internal async Task<SearchServer> StartedAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (server is not null) return server;
            server = await SearchServer.RealAsync();
            await FillAsync(server);
            return server;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        gate.Dispose();
        if (server is not null) await server.DisposeAsync();
    }

    private static async Task FillAsync(SearchServer server)
    {
        using var client = new ElasticsearchClient(new ElasticsearchConnectionSettings { Urls = [server.Address] }, TimeProvider.System, NullLogger.Instance);
        await new ServerBootstrap(new ElasticsearchSettings(), GoldenDocuments.Places).EnsureAsync(client, await client.DetectAsync(CancellationToken.None), CancellationToken.None);
        var documents = GoldenDocuments.All(GoldenDocuments.OpenPrivacy).Select(static one => (one.Document.Index, one.Document.Id, Json: GoldenDocuments.Json(one.Document))).Concat(LogLines());
        await server.CreateAsync(documents);
    }

    /// <summary>Lines of agents' and the collector's log.</summary>
    private static IEnumerable<(string Index, string Id, string Json)> LogLines() =>
        from line in ((string Service, string Level)[])[("gpu-agent", "error"), ("gpu-agent", "info"), ("gpu-collector", "critical")]
        select ($"logs-{line.Service.Replace("gpu-", "gpu.", StringComparison.Ordinal)}-default-2026.11.21-000001", $"{line.Service}-{line.Level}", new JsonObject
        {
            ["@timestamp"] = "2026-11-21T12:55:00Z",
            ["message"] = "Sending events fails",
            ["event"] = new JsonObject { ["id"] = $"{line.Service}-{line.Level}" },
            ["service"] = new JsonObject { ["name"] = line.Service },
            ["host"] = new JsonObject { ["name"] = "node-1" },
            ["log"] = new JsonObject { ["level"] = line.Level, ["logger"] = "Shipping" },
            ["error"] = new JsonObject { ["type"] = "System.IO.IOException", ["message"] = "no route" },
        }.ToJsonString());
}

/// <summary>Tests that share the filled server.</summary>
[CollectionDefinition(nameof(GoldenSearchServer))]
public sealed class GoldenSearchServerDefinition : ICollectionFixture<GoldenSearchServer>;

/// <summary>What these tests ask a server.</summary>
internal static class SearchServerQuestions
{
    /// <summary>Creates documents; each is stored, or was there.</summary>
    internal static async Task CreateAsync(this SearchServer server, IEnumerable<(string Index, string Id, string Json)> documents)
    {
        var body = string.Concat(documents.Select(static one =>
            new JsonObject { ["create"] = new JsonObject { ["_index"] = one.Index, ["_id"] = one.Id } }.ToJsonString() + "\n" + JsonNode.Parse(one.Json)!.ToJsonString() + "\n"));
        foreach (var item in (await server.DoAsync("POST", "/_bulk?refresh=true", body))["items"]!.AsArray()) ((int)item!["create"]!["status"]!).Should().BeOneOf([201, 409], item.ToJsonString());
    }

    /// <summary>How many documents a name holds that a query finds; 0 where the name does not exist.</summary>
    internal static async Task<int> CountAsync(this SearchServer server, string name, JsonObject query)
    {
        await server.AskAsync("POST", $"/{name}/_refresh?ignore_unavailable=true");
        var (_, answer) = await server.AskAsync("POST", $"/{name}/_count?ignore_unavailable=true", new JsonObject { ["query"] = query }.ToJsonString());
        return (int?)answer?["count"] ?? 0;
    }
}
