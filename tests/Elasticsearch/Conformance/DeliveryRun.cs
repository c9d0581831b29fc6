using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Spool;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>A delivery from a spool of its own to a server, with short pauses, and documents that are numbered.</summary>
internal sealed class DeliveryRun : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("delivery-");
    private readonly ElasticsearchDelivery _delivery;
    private readonly DeliveryOptions _options;
    private int _next;
    private int _appended;

    internal DeliveryRun(Uri address, Action<ElasticsearchConnectionSettings>? configure = null, int requestsAtOnce = 2)
    {
        Settings = new ElasticsearchConnectionSettings
        {
            Urls = [address], MaxBatchAge = TimeSpan.FromMilliseconds(10), RetryPause = TimeSpan.FromMilliseconds(10), RetryPauseMax = TimeSpan.FromMilliseconds(200), RequestTimeout = TimeSpan.FromSeconds(30),
        };
        configure?.Invoke(Settings);
        Name = "t" + Guid.NewGuid().ToString("N")[..8];
        Spool = DocumentSpool.Open(Path.Combine(_folder.FullName, "spool"), new SpoolOptions { Name = "test" }, TimeProvider.System);
        _options = new DeliveryOptions { DeadLetterDirectory = Path.Combine(_folder.FullName, "dead-letters"), RequestsAtOnce = requestsAtOnce };
        _delivery = new ElasticsearchDelivery(Settings, _options, [Spool], TimeProvider.System, NullLogger<ElasticsearchDelivery>.Instance);
    }

    internal ElasticsearchConnectionSettings Settings { get; }

    internal DeliveryOptions Options => _options;

    internal DocumentSpool Spool { get; }

    internal StreamTally Tally => _delivery.Tallies[0];

    internal ElasticsearchClient Client => _delivery.Client;

    /// <summary>Part of the names of its indices, so that runs on one server do not meet.</summary>
    internal string Name { get; }

    /// <summary>Where documents go unless it is said otherwise.</summary>
    internal string Index => $"logs-gpu.{Name}-default-2026.11-000001";

    /// <summary>Every index of it.</summary>
    internal string Pattern => $"logs-gpu.{Name}-*";

    /// <summary>Appends documents with the next numbers.</summary>
    /// <returns>Their ids.</returns>
    internal List<string> Append(int count, int padding = 0)
    {
        List<string> ids = [];
        var text = new string('x', padding);
        for (var index = 0; index < count; index++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{Name}-{++_next:D6}");
            Append(id, $$"""{"@timestamp":"2026-11-29T10:00:00Z","number":{{_next.ToString(CultureInfo.InvariantCulture)}},"message":"{{text}}"}""");
            ids.Add(id);
        }

        return ids;
    }

    internal void Append(string id, string json, string? index = null)
    {
        Assert.Null(Spool.Append(index ?? Index, id, Encoding.UTF8.GetBytes(json)));
        _appended++;
    }

    internal Task StartAsync() => _delivery.StartAsync(CancellationToken.None);

    /// <summary>Waits until nothing waits and all is counted, which follows.</summary>
    internal Task UntilSettledAsync() => Eventually.HoldsAsync(
        () => $"all of {_appended} documents are settled; {Spool.Waiting} still wait; failures: {string.Join(", ", Tally.Failures)}",
        () => Task.FromResult(Spool.Waiting == 0 && Tally.Sent + Tally.Duplicates + Tally.DeadLetters + Tally.FailureStore >= _appended));

    /// <summary>What is stored, by id; fails where an id is there twice.</summary>
    internal async Task<Dictionary<string, StoredDocument>> ReadStoredAsync(SearchServer server)
    {
        var stored = new Dictionary<string, StoredDocument>(StringComparer.Ordinal);
        foreach (var document in await server.ReadAllAsync(Pattern)) Assert.True(stored.TryAdd(document.Id, document), $"{document.Id} is stored twice, in {document.Index} too");
        return stored;
    }

    /// <summary>The dead letters: id, type of error, status.</summary>
    internal List<(string Id, string Error, int? Status)> ReadDeadLetters() => ReadDeadLetters(_options.DeadLetterDirectory);

    internal static List<(string Id, string Error, int? Status)> ReadDeadLetters(string directory)
    {
        if (!Directory.Exists(directory)) return [];
        return [.. Directory.EnumerateFiles(directory, "*.ndjson").SelectMany(File.ReadLines).Where(static line => line.Length > 0).Select(static line =>
        {
            var letter = JsonNode.Parse(line, documentOptions: new JsonDocumentOptions { MaxDepth = 512 })!;
            return (letter["target"]!["id"]!.ToString(), letter["error"]!["type"]!.ToString(), (int?)letter["status"]);
        })];
    }

    public async ValueTask DisposeAsync()
    {
        await _delivery.DisposeAsync();
        Spool.Dispose();
        _folder.Delete(recursive: true);
    }
}
