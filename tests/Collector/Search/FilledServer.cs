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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

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
        using var limit = new CancellationTokenSource(Patience);
        using var ticks = new PeriodicTimer(Tick);
        while (true)
        {
            var documents = await Server.ReadAllAsync($"logs-gpu.{stream}-default-*");
            if (documents.Count >= count) return documents;
            try
            {
                await ticks.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{documents.Count} documents of {stream} came, {count} were to: {await Collector.GetAsync("/api/v1/elasticsearch")}");
            }
        }
    }

    /// <summary>Waits until the status says so.</summary>
    internal async Task<JsonElement> UntilStatusAsync(Predicate<JsonElement> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var ticks = new PeriodicTimer(Tick);
        while (true)
        {
            using var status = JsonDocument.Parse(await Collector.GetAsync("/api/v1/elasticsearch"));
            if (isSo(status.RootElement)) return status.RootElement.Clone();
            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Captures.DisposeAsync();
        await Server.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
