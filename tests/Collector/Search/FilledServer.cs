using System.Text.Json;
using Monitoring.Collector;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Collector.Captures;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Elasticsearch.Servers;

namespace Monitoring.Tests.Collector.Search;

/// <summary>A server and the real collector that fills it, each of which can go and come back.</summary>
internal sealed class FilledServer : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("search-");
    private readonly Action<CollectorSettings>? configure;

    private FilledServer(SearchServer server, Action<CollectorSettings>? configure) => (Server, this.configure) = (server, configure);

    internal SearchServer Server { get; private set; }

    internal CaptureCollector Captures { get; private set; } = null!;

    internal RunningCollector Collector => Captures.Collector;

    /// <summary>The file with the UUID of the cluster.</summary>
    internal string ClusterFile => Path.Combine(folder.FullName, "elasticsearch", "cluster");

    internal static async Task<FilledServer> StartAsync(Action<CollectorSettings>? configure = null, ServerFlavour? flavour = null, bool isPaused = false)
    {
        var filled = new FilledServer(await SearchServer.FakeAsync(flavour ?? ServerFlavour.OpenSearch2), configure);
        if (isPaused) await filled.Server.Front.PauseAsync();
        await filled.StartCollectorAsync();
        return filled;
    }

    internal async Task StopCollectorAsync() => await Captures.DisposeAsync();

    internal async Task StartCollectorAsync() => Captures = await CaptureCollector.StartAsync(settings =>
    {
        settings.Elasticsearch.Connection.Urls = [Server.Address];
        settings.Elasticsearch.Connection.MaxBatchAge = TimeSpan.FromMilliseconds(10);
        settings.Elasticsearch.Connection.RetryPause = settings.Elasticsearch.Connection.RetryPauseMax = TimeSpan.FromMilliseconds(100);
        settings.Elasticsearch.Links = new Uri("http://collector.example:9461/");
        configure?.Invoke(settings);
    }, directory: folder.FullName);

    /// <summary>Another server in its place, with nothing in it.</summary>
    internal async Task ReplaceServerAsync()
    {
        await Server.DisposeAsync();
        Server = await SearchServer.FakeAsync(Server.Flavour);
    }

    /// <summary>Nodes tell the collector of events.</summary>
    internal async Task TellAsync(params EventRecord[] records) =>
        (await Collector.PostAsync("/v1/events", SomeEvent.Body(records), "application/x-ndjson", null)).EnsureSuccessStatusCode();

    /// <summary>Waits until a stream has so many documents.</summary>
    internal async Task<List<StoredDocument>> UntilAsync(string stream, int count)
    {
        List<StoredDocument> documents = [];
        await Eventually.HoldsAsync(() => $"{count} documents of {stream} come, of which {documents.Count} came", async () => (documents = await Server.ReadAllAsync($"logs-gpu.{stream}-default-*")).Count >= count);
        return documents;
    }

    /// <summary>Waits until the status says so.</summary>
    internal async Task<JsonElement> UntilStatusAsync(Predicate<JsonElement> isSo)
    {
        var last = default(JsonElement);
        await Eventually.HoldsAsync(() => $"the status is as expected; it is {last}", async () =>
        {
            using var status = JsonDocument.Parse(await Collector.GetAsync("/api/v1/elasticsearch"));
            last = status.RootElement.Clone();
            return isSo(last);
        });
        return last;
    }

    public async ValueTask DisposeAsync()
    {
        await Captures.DisposeAsync();
        await Server.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
