using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Monitoring.Simulator.Demo;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// A cluster in which everything goes wrong that the simulator knows, while a real Prometheus with the shipped configuration and rules looks
/// on and a real OpenSearch is filled: what dashboards ask for is there. Started once for all tests. Rules look at seconds where they would
/// look at minutes.
/// </summary>
public sealed partial class DashboardCluster : IAsyncLifetime
{
    internal const string Job = "4711";
    internal const int GpuCount = 4;

    private const string Settings = """
        sampling: { slow_interval: 1s }
        capture: { counters_after: 1s, counters_before: 5s, free_space_floor_bytes: 0, maximum_duration: 5s, kineto: { enabled: true, socket_directory: SOCKETS } }
        """;

    private const string Rules = """
        rules:
          hw_power_brake:
            when: { time_share: { metric: 'gpu_throttle_active{reason="hw_power_brake"}', is: "> 0", over: 1s, share: "> 0.5" } }
            for: 0s
            clear_for: 1s
            capture: { duration: 1s, control: false }
        """;

    /// <summary>Long enough for every rule of rules and for a rate over them; generous for a machine that runs other tests too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-dashboards-");
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly ChildStarter _starter = new();
    private readonly string _prometheusAddress = FreePort.TakeAddress();
    private RealOpenSearch? _search;
    private KillableCollector? _collector;
    private IReadOnlyList<KillableAgent> _agents = [];
    private ChildProcess? _prometheus;
    private Task _ticking = Task.CompletedTask;

    /// <summary>When Prometheus began to look.</summary>
    internal DateTimeOffset Began { get; private set; }

    internal IReadOnlyList<string> Nodes => [.. _agents.Select(static agent => agent.Name)];

    public async ValueTask InitializeAsync()
    {
        var prometheus = Requirement.Program("prometheus");
        // Without it the tests of searches skip in words, and those of Prometheus go on.
        if (HasSearch) _search = await RealOpenSearch.StartAsync();
        string[] search = _search is null ? [] : [$"elasticsearch.connection.urls={_search.Address}", "elasticsearch.connection.max_batch_age=100ms"];
        _collector = new KillableCollector(["captures.min_free_bytes=0", .. search]);
        await _collector.StartAsync();
        _agents = [.. Enumerable.Range(1, 2).Select(number => new KillableAgent($"node-{number}", GpuCount, number, _collector.Address, settings: Settings.Replace("SOCKETS", _folder.CreateSubdirectory($"sockets-{number}").FullName, StringComparison.Ordinal), rules: Rules, delivery: "push_interval: 1s"))];
        foreach (var agent in _agents)
        {
            WriteJobs(agent);
            await agent.StartAsync();
        }
        _ticking = TickAsync();
        Began = TimeProvider.System.GetUtcNow();
        _prometheus = await ChildProcess.StartAsync(
            _starter, "prometheus", prometheus,
            [$"--config.file={WriteConfiguration()}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}", $"--web.listen-address={_prometheusAddress}"],
            Path.Combine(_folder.FullName, "prometheus.log"), TimeProvider.System);
        // Incidents are increases, and rules look back: there must be something before.
        await UntilAsync(
            $"count(gpu_xid_events_total{{xid=\"79\"}} offset 15s) == {GpuCount * _agents.Count}", $"count(gpu_job_info) == {GpuCount * _agents.Count}", $"count(node:gpu_agent_build_info:present offset 6s) == {_agents.Count}");
        await MakeTroubleAsync();
        await UntilAsync(
            "gpu_captures_total", "gpu_capture_refusals_total", "sum(gpu_collector_captures_stored) > 0", "sum(sum_over_time(cluster_xid:gpu_xid_events:delta5m[5m])) > 0",
            "ALERTS{severity=\"critical\",alertstate=\"firing\"}");
        // One agent starts anew and finds its kernel log gone, the other stays away.
        await _agents[0].KillAsync();
        File.Delete(_agents[0].Node.KernelLogPath);
        await _agents[0].StartAsync();
        await _agents[1].KillAsync();
        await UntilAsync("count_over_time((up{job=\"gpu-nodes\"} == 0)[15s:1s]) > 4", "count_over_time((gpu_event_source_up == 0)[15s:1s]) > 4", "changes(gpu_agent_start_time_seconds[1m]) > 0");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _ticking;
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        foreach (var agent in _agents) await agent.DisposeAsync();
        if (_collector is not null) await _collector.DisposeAsync();
        if (_search is not null) await _search.DisposeAsync();
        _starter.Dispose();
        _http.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Whether what a real OpenSearch needs is here.</summary>
    internal static bool HasSearch => File.Exists(Path.Combine(RepositoryRoot.Path, "..", "shared", "opensearch", "start")) && Requirement.FindProgram("java", Environment.GetEnvironmentVariable("PATH") ?? "") is not null;

    /// <summary>The newest documents that a search finds, asked as Grafana asks.</summary>
    internal async Task<IReadOnlyList<JsonElement>> DocumentsAsync(string lucene)
    {
        var body = new { size = 500, sort = new Dictionary<string, string> { ["@timestamp"] = "desc" }, query = new { query_string = new { query = lucene, analyze_wildcard = true } } };
        using var answer = await _http.PostAsJsonAsync(new Uri(_search!.Address, "/logs-gpu.*/_search"), body);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"OpenSearch, {lucene}: {json}");
        return [.. json.GetProperty("hits").GetProperty("hits").EnumerateArray().Select(static hit => hit.GetProperty("_source"))];
    }

    /// <summary>The series of an answer for now.</summary>
    internal Task<IReadOnlyList<JsonElement>> ValuesAsync(string query) => AskAsync($"query?query={Uri.EscapeDataString(query)}");

    /// <summary>The series of an answer for the whole time since Prometheus began to look.</summary>
    internal Task<IReadOnlyList<JsonElement>> ValuesOverTimeAsync(string query)
    {
        static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return AskAsync($"query_range?query={Uri.EscapeDataString(query)}&start={Seconds(Began)}&end={Seconds(TimeProvider.System.GetUtcNow())}&step=2");
    }

    private async Task<IReadOnlyList<JsonElement>> AskAsync(string request)
    {
        using var answer = await _http.GetAsync(new Uri($"http://{_prometheusAddress}/api/v1/{request}"));
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (json.GetProperty("status").GetString() != "success") throw new InvalidOperationException($"Prometheus: {json.GetProperty("error").GetString()}");
        var result = json.GetProperty("data").GetProperty("result");
        return json.GetProperty("data").GetProperty("resultType").GetString() is "scalar" or "string" ? [result] : [.. result.EnumerateArray()];
    }

    /// <summary>Every process works for a job, as Slurm would say it.</summary>
    private static void WriteJobs(KillableAgent agent)
    {
        foreach (var pid in agent.Node.Gpus.SelectMany(static gpu => gpu.ProcessIds))
        {
            var folder = Directory.CreateDirectory(Path.Combine(agent.Node.ProcfsPath, $"{pid}")).FullName;
            File.WriteAllText(Path.Combine(folder, "environ"), $"SLURM_JOB_ID={Job}\0SLURM_JOB_NAME=train\0SLURM_JOB_USER=alice\0");
        }
    }

    private async Task MakeTroubleAsync()
    {
        var (first, second) = (_agents[0].Node, _agents[1].Node);
        first.StartIncident("thermal_throttle", 0, parameters: Parameters("resistance=10"));
        first.StartIncident("ecc_burst", 1, parameters: Parameters("uncorrected=1"));
        first.StartIncident("nvlink_errors", 2, parameters: Parameters("down=yes"));
        first.StartIncident("power_brake", 2);
        first.StartIncident("row_remap_pending", 3, parameters: Parameters("result=failed"));
        first.StartIncident("infiniband_flap", 0, parameters: Parameters("down_seconds=2", "up_seconds=2"));
        first.StartIncident("straggler", 3);
        first.AddPortSymbolErrors(0, 40);
        first.StartIncident("pcie_degraded", 1);
        first.Gpus[1].RecoveryAction = 1;
        second.StartIncident("row_remap_pending", 0);
        second.StartIncident("memory_leak", 1);
        second.StartIncident("hang", 2, TimeSpan.FromSeconds(6));
        second.StartIncident("fabric_manager_down", 0);
        second.StartIncident("xid_79", 3);
        foreach (var wish in (object[])[new { nodes = new[] { "node-1" }, gpus = new[] { 0 }, duration_seconds = 1.0, by = "alice", reason = "slow", force = true }, new { nodes = new[] { "node-1" }, gpus = new[] { 1 }, profilers = new[] { "kineto" }, by = "alice", reason = "no job asks for it", force = true }])
            (await _http.PostAsJsonAsync(new Uri(_collector!.Address, "/api/v1/captures"), wish)).EnsureSuccessStatusCode();
    }

    private static IEnumerable<KeyValuePair<string, string>> Parameters(params string[] parameters) => parameters.Select(static one => one.Split('=')).Select(static pair => KeyValuePair.Create(pair[0], pair[1]));

    /// <summary>The shipped configuration and rules, with this cluster's address, and seconds for minutes.</summary>
    private string WriteConfiguration()
    {
        var shipped = RepositoryRoot.Combine("dashboards", "prometheus");
        foreach (var rules in Directory.GetFiles(shipped, "*.rules.yaml"))
            File.WriteAllText(Path.Combine(_folder.FullName, Path.GetFileName(rules)), Hasten(File.ReadAllText(rules)));
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        var text = File.ReadAllText(Path.Combine(shipped, "prometheus.yml")).Replace("localhost:9461", _collector!.Address.Authority, StringComparison.Ordinal)
            .Replace("localhost:9093", "localhost:1", StringComparison.Ordinal)
            .Replace("scrape_interval: 15s", "scrape_interval: 1s\n  evaluation_interval: 1s", StringComparison.Ordinal).Replace("scrape_timeout: 10s", "scrape_timeout: 1s", StringComparison.Ordinal).Replace("refresh_interval: 30s", "refresh_interval: 1s", StringComparison.Ordinal);
        if (!text.Contains("rule_files:", StringComparison.Ordinal)) text += "\nrule_files: ['*.rules.yaml']\n";
        File.WriteAllText(configuration, text);
        return configuration;
    }

    private static string Hasten(string rules) => Holding().Replace(Lookback().Replace(Interval().Replace(rules, "${1}1s"), "offset 4s"), "${1}1s").Replace("[5m]", "[15s]", StringComparison.Ordinal);

    /// <summary>Waits until Prometheus has an answer to each question.</summary>
    private async Task UntilAsync(params string[] queries)
    {
        using var limit = new CancellationTokenSource(Patience);
        var open = queries.ToList();
        while (!limit.IsCancellationRequested)
        {
            if (_prometheus!.Exited.IsCompleted) Assert.Fail(await _prometheus.EpitaphAsync());
            try
            {
                foreach (var query in open.ToArray())
                    if ((await ValuesAsync(query)).Count > 0) open.Remove(query);
                if (open.Count == 0) return;
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or JsonException)
            {
            }
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }
        Assert.Fail($"Not within {Patience.TotalSeconds} s: {string.Join("; ", open)}");
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Step);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                foreach (var agent in _agents) agent.Node.Advance(Step);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [GeneratedRegex(@"(?<=^ +interval: )()\d+[mh]$", RegexOptions.Multiline)]
    private static partial Regex Interval();

    [GeneratedRegex(@"offset \d+[mh]\b")]
    private static partial Regex Lookback();

    [GeneratedRegex(@"(?<=^ +(?:for|keep_firing_for): )()\d+[mhd]$", RegexOptions.Multiline)]
    private static partial Regex Holding();
}
