using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// A node whose agent stands in for dcgm-exporter, another one with the names of 4.9, and a real Prometheus that knows both by the job that a site had
/// for dcgm-exporter, with the rules that sites have. Started once for all tests.
/// </summary>
public sealed class DcgmExporterCluster : IAsyncLifetime
{
    internal const string Job = "dcgm-exporter";
    internal const string LaterJob = "dcgm-exporter-4.9";
    internal const int GpuCount = 8;
    internal const int LaterGpuCount = 2;
    internal const string SlurmJob = "4711";

    /// <summary>Generous for a machine that runs other things too; nothing waits for it where all is well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The simulated nodes live four times as fast: they heat up sooner.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan StepInterval = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-dcgm-");
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly ChildStarter _starter = new();
    private readonly string _prometheusAddress = FreePort.TakeAddress();
    private KillableAgent? _agent;
    private KillableAgent? _later;
    private ChildProcess? _prometheus;
    private Task _ticking = Task.CompletedTask;

    /// <summary>The machine whose agent has the names up to 4.8.2.</summary>
    internal SimulatedNode Node => _agent!.Node;

    /// <summary>Where its page of dcgm-exporter is.</summary>
    internal string Instance { get; } = FreePort.TakeAddress();

    /// <summary>A moment before anything happened.</summary>
    internal DateTimeOffset HealthyAt { get; private set; }

    /// <summary>The same of the node with the names of 4.9.</summary>
    internal string LaterInstance { get; } = FreePort.TakeAddress();

    public async ValueTask InitializeAsync()
    {
        var prometheus = Requirement.Program("prometheus");
        _agent = Agent("node-1", GpuCount, seed: 1, "dcgm-exporter", Instance);
        _later = Agent("node-2", LaterGpuCount, seed: 2, "dcgm-exporter-4.9", LaterInstance);
        foreach (var pid in Node.Gpus[0].ProcessIds)
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(Node.ProcfsPath, $"{pid}")).FullName, "environ"), $"SLURM_JOB_ID={SlurmJob}\0");
        await _agent.StartAsync();
        await _later.StartAsync();
        _ticking = TickAsync();
        // Prometheus finds nothing amiss when it begins to look.
        await UntilAsync("every GPU is on the pages", async () => await GpusAsync(Instance, "DCGM_FI_DEV_ROW_REMAP_FAILURE") == GpuCount && await GpusAsync(LaterInstance, "DCGM_FI_DEV_ROW_REMAP_FAILED") == LaterGpuCount);
        _prometheus = await ChildProcess.StartAsync(
            _starter, "prometheus", prometheus,
            [$"--config.file={await WriteConfigurationAsync()}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}", $"--web.listen-address={_prometheusAddress}"],
            Path.Combine(_folder.FullName, "prometheus.log"), TimeProvider.System);
        // Rates and increases look back: there must be something before.
        await UntilAsync("every GPU is there", async () =>
            (await SeriesAsync("DCGM_FI_DEV_ROW_REMAP_FAILURE offset 4s")).Count == GpuCount && (await SeriesAsync("DCGM_FI_DEV_NVLINK_THROUGHPUT_BYTES_PER_SECOND offset 4s")).Count == LaterGpuCount);
        HealthyAt = TimeProvider.System.GetUtcNow();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _ticking;
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        if (_agent is not null) await _agent.DisposeAsync();
        if (_later is not null) await _later.DisposeAsync();
        _starter.Dispose();
        _http.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The labels of each series that a question has for an answer, those with a value that is a number.</summary>
    /// <param name="at">The moment that is asked about; null for now.</param>
    internal async Task<IReadOnlyList<Dictionary<string, string>>> SeriesAsync(string query, DateTimeOffset? at = null) =>
        [.. (await AskAsync($"query?query={Uri.EscapeDataString(query)}{(at is { } time ? string.Create(CultureInfo.InvariantCulture, $"&time={time.ToUnixTimeMilliseconds() / 1000.0}") : "")}")).GetProperty("result").EnumerateArray()
            .Where(static series => series.GetProperty("value")[1].GetString() is not ("NaN" or "+Inf" or "-Inf"))
            .Select(static series => series.GetProperty("metric").EnumerateObject().ToDictionary(static label => label.Name, static label => label.Value.GetString()!, StringComparer.Ordinal))];

    /// <summary>The values that a label has on a metric, as a dashboard asks for its choices.</summary>
    internal async Task<IReadOnlyList<string>> LabelValuesAsync(string metric, string label) =>
        [.. (await AskAsync($"label/{label}/values?match[]={Uri.EscapeDataString(metric)}")).EnumerateArray().Select(static value => value.GetString()!)];

    /// <summary>What Prometheus has against its rules; empty for nothing.</summary>
    internal async Task<IReadOnlyList<string>> RuleErrorsAsync() =>
        [.. (await AskAsync("rules")).GetProperty("groups").EnumerateArray().SelectMany(static group => group.GetProperty("rules").EnumerateArray())
            .Where(static rule => rule.GetProperty("health").GetString() != "ok")
            .Select(static rule => $"{rule.GetProperty("name").GetString()}: {rule.GetProperty("health").GetString()} {(rule.TryGetProperty("lastError", out var error) ? error.GetString() : "")}")];

    internal Task UntilAsync(string what, Func<Task<bool>> holds) => Eventually.HoldsAsync(what, () => HoldsAsync(holds), Patience);

    /// <summary>Whoever does not answer, or not as expected, counts as "not yet"; who has ended never will.</summary>
    private async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        if (_prometheus is { Exited.IsCompleted: true }) Assert.Fail(await _prometheus.EpitaphAsync());
        foreach (var agent in (KillableAgent[])[_agent!, _later!])
            if (agent.HasExited) Assert.Fail($"{agent.Name}: {await agent.KillAsync()}");
        try
        {
            return await holds();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or JsonException)
        {
            return false;
        }
    }

    private async Task<int> GpusAsync(string instance, string field) => MetricsPage.Read(await _http.GetStringAsync(new Uri($"http://{instance}/metrics"))).Count(sample => sample.Name == field);

    private async Task<JsonElement> AskAsync(string request)
    {
        using var answer = await _http.GetAsync(new Uri($"http://{_prometheusAddress}/api/v1/{request}"));
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (json.GetProperty("status").GetString() != "success") throw new InvalidOperationException($"Prometheus, {request}: {json.GetProperty("error").GetString()}");
        return json.GetProperty("data");
    }

    private static KillableAgent Agent(string name, int gpus, int seed, string compatibility, string address) => new(name, gpus, seed, collector: null, settings: $$"""
        compatibility: {{compatibility}}
        compatibility_listen: {{address}}
        sampling: { slow_interval: 1s }
        """);

    private async Task<string> WriteConfigurationAsync()
    {
        var rules = string.Concat(DcgmExporterTests.Rules.Select(static rule => $"      - alert: {rule.Name}\n        expr: '{rule.Expression}'\n        for: {rule.For}\n"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "usual.rules.yaml"), $"groups:\n  - name: usual\n    rules:\n{rules}");
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            global:
              scrape_interval: 2s
              scrape_timeout: 2s
              evaluation_interval: 1s
            rule_files: [usual.rules.yaml]
            scrape_configs:
              - job_name: {{Job}}
                static_configs: [{ targets: ["{{Instance}}"] }]
              - job_name: {{LaterJob}}
                static_configs: [{ targets: ["{{LaterInstance}}"] }]

            """);
        return configuration;
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(StepInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                foreach (var agent in (KillableAgent[])[_agent!, _later!]) agent.Node.Advance(Step);
        }
        catch (OperationCanceledException)
        {
        }
    }
}

/// <summary>One cluster for all of them; nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(DcgmExporterTests), DisableParallelization = true)]
public sealed class DcgmExporterClusters : ICollectionFixture<DcgmExporterCluster>;
