using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Monitoring.Simulator.Demo;
using Monitoring.Tests.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// The whole road of an alert: simulated nodes with real agents, a real collector, Prometheus and Alertmanager with the shipped rules and
/// configuration, times scaled down, and a webhook at its end. Three nodes run from the start, a fourth one of another kind joins.
/// </summary>
internal sealed class AlertCluster : IAsyncDisposable
{
    internal const int GpuCount = 4;

    /// <summary>The last node refuses captures: no disk has so much room.</summary>
    private const string DiskFloor = "10TiB";

    /// <summary>A rule of the site, for something that none of the shipped rules is named after.</summary>
    private const string SiteRule = """
          site_marked: { description: The GPU is marked for a reset., severity: warning, component: application, when: { threshold: { metric: gpu_row_remap_pending, is: "== 1" } } }
        """;

    /// <summary>More than an alert of the clock waits for.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-alerts-");
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly ChildStarter _starter = new();
    private readonly string _prometheusAddress = FreePort.TakeAddress();
    private readonly string _alertmanagerAddress = FreePort.TakeAddress();
    private readonly List<ChildProcess> _children = [];
    private readonly HashSet<string> _suppressed = new(StringComparer.Ordinal);
    private readonly string _prometheus = Requirement.Program("prometheus");
    private readonly string _alertmanager = Requirement.Program("prometheus-alertmanager");
    private Task _ticking = Task.CompletedTask;

    internal AlertReceiver Receiver { get; } = new();

    /// <summary>It lists nodes at once, gives up early what nobody takes, and takes as many captures as there are incidents.</summary>
    internal KillableCollector Collector { get; } = new("captures.min_free_bytes=0", "discovery.settle_time=1s", "commands.command_lifetime=10s", "commands.heartbeat_interval=1s", "commands.budget.max_concurrent=100", "commands.budget.max_concurrent_per_job=100");

    internal IReadOnlyList<KillableAgent> Agents { get; private set; } = [];

    /// <summary>What happens to the nodes with every step.</summary>
    internal Action EachStep { get; set; } = static () => { };

    /// <summary>Names of alerts that Alertmanager held back because another one says more.</summary>
    internal IReadOnlySet<string> Suppressed => _suppressed;

    internal async Task StartAsync()
    {
        await Receiver.StartAsync();
        await Collector.StartAsync();
        Agents = [.. Enumerable.Range(1, 4).Select(Agent)];
        foreach (var agent in Agents)
        {
            foreach (var gpu in agent.Node.Gpus) gpu.PowerLimitMilliwatts = gpu.PowerLimitMilliwatts * 6 / 10;
            WriteJobs(agent);
        }
        _ticking = TickAsync();
        foreach (var agent in Agents.Take(3)) await agent.StartAsync();
        await StartAsync("alertmanager", _alertmanager,
            $"--config.file={WriteAlertmanager()}", $"--storage.path={Path.Combine(_folder.FullName, "alerts")}", $"--web.listen-address={_alertmanagerAddress}", "--cluster.listen-address=", "--log.level=error");
        await WarmUpAsync();
        ScaledRules.Write(_folder.FullName);
        WritePrometheus(hasRules: false);
        await StartAsync("prometheus", _prometheus,
            $"--config.file={PrometheusFile}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}", $"--web.listen-address={_prometheusAddress}", "--web.enable-lifecycle", "--rules.alert.resend-delay=5s", "--log.level=error");
        // It takes Prometheus five seconds to know its targets and Alertmanager: in these rules that would be a collector that is down.
        Assert.True(await HoldsAsync(Patience, async () => (await SeriesAsync("up{job=\"gpu-nodes\"} == 1 and on () up{job=\"gpu-collector\"} == 1")).Count == 3 && await KnowsAlertmanagerAsync()), "Prometheus does not know its targets");
        WritePrometheus();
        await ReloadAsync();
    }

    /// <summary>A second agent that calls itself as another one does.</summary>
    internal KillableAgent Double(string name) => new(name, 1, seed: 99, Collector.Address, delivery: "push_interval: 1s");

    /// <summary>From now on Prometheus asks the agents themselves, as the shipped configuration has it in its comments.</summary>
    internal async Task AskAgentsAsync()
    {
        WritePrometheus(isOfAgents: true);
        await ReloadAsync();
    }

    /// <summary>The answer of Prometheus.</summary>
    internal async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> SeriesAsync(string query)
    {
        using var answer = await _http.GetAsync(new Uri($"http://{_prometheusAddress}/api/v1/query?query={Uri.EscapeDataString(query)}"));
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (json.GetProperty("status").GetString() != "success") throw new InvalidOperationException($"Prometheus: {json.GetProperty("error").GetString()}");
        return [.. json.GetProperty("data").GetProperty("result").EnumerateArray().Select(static series => series.GetProperty("metric").EnumerateObject().ToDictionary(static label => label.Name, static label => label.Value.GetString()!, StringComparer.Ordinal))];
    }

    /// <summary>Names of the alerts that fired within the time.</summary>
    internal async Task<HashSet<string>> FiredAsync(TimeSpan within, string matchers = "") =>
        [.. (await SeriesAsync(string.Create(CultureInfo.InvariantCulture, $"group by (alertname) (last_over_time(ALERTS{{alertstate=\"firing\"{matchers}}}[{Math.Ceiling(within.TotalSeconds)}s]))"))).Select(static series => series["alertname"])];

    /// <summary>Asks the collector for a capture; a refusal is an answer too.</summary>
    internal async Task<string> CaptureAsync(string node, double seconds)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Collector.Address, "/api/v1/captures"), new { nodes = new[] { node }, gpus = new[] { 0 }, duration_seconds = seconds, by = "alice", reason = "slow", force = true });
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Sends the collector what is no push, what is no event, and what a node says whose clock is ahead.</summary>
    internal async Task PushNonsenseAsync()
    {
        await PostAsync("/v1/metrics", "application/x-protobuf", [0xff, 0xff, 0xff]);
        await PostAsync("/v1/events", "application/x-ndjson", "{}\n"u8.ToArray());
        var ahead = new OtlpPayload { TimeUnixNano = (ulong)(TimeProvider.System.GetUtcNow() + Ahead - DateTimeOffset.UnixEpoch).Ticks * 100 }.Resource(("host.name", "node-ahead"), ("service.name", "gpu-agent")).Scope("gpu");
        await PostAsync("/v1/metrics", "application/x-protobuf", ahead.Gauge("gpu.power", "W", ahead.Point(100.0, ("cluster", "default"), ("node", "node-ahead"), ("gpu", "0"), ("uuid", "GPU-ahead"))).ToArray());
    }

    private async Task PostAsync(string path, string type, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(type);
        using var answer = await _http.PostAsync(new Uri(Collector.Address, path), content);
    }

    /// <summary>The captures that alerts asked the collector for, as the audit has them.</summary>
    internal async Task<string[]> AskedByAlertsAsync() =>
        [.. (await _http.GetFromJsonAsync<JsonElement>(new Uri(Collector.Address, "/api/v1/captures/audit"))).GetProperty("entries").EnumerateArray()
            .Where(static entry => entry.GetProperty("by").GetString()!.StartsWith("Gpu", StringComparison.Ordinal))
            .Select(static entry => entry.GetRawText())];

    /// <summary>Waits until a condition holds; false where it does not in time.</summary>
    internal async Task<bool> HoldsAsync(TimeSpan patience, Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(patience);
        while (!limit.IsCancellationRequested)
        {
            if (_children.FirstOrDefault(static child => child.Exited.IsCompleted) is { } dead) Assert.Fail(await dead.EpitaphAsync());
            try
            {
                await LookAsync();
                if (await condition()) return true;
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or JsonException)
            {
            }
            await Task.Delay(Pause, TimeProvider.System);
        }
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gpu in Agents.SelectMany(static agent => agent.Node.Gpus)) gpu.Hang = false;
        await _end.CancelAsync();
        await _ticking;
        foreach (var child in _children) await child.DisposeAsync();
        foreach (var agent in Agents) await agent.DisposeAsync();
        await Collector.DisposeAsync();
        await Receiver.DisposeAsync();
        _starter.Dispose();
        _http.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A page that is made for the first time takes longer than the next ones, and than Prometheus waits here.</summary>
    private async Task WarmUpAsync()
    {
        foreach (var page in (string[])["/metrics", "/sd/prometheus?via=collector", .. Agents.Take(3).Select(static agent => $"/nodes/{agent.Name}/metrics")])
            Assert.True(await HoldsAsync(Patience, async () => (await _http.GetAsync(new Uri(Collector.Address, page))).IsSuccessStatusCode), $"the collector has no {page}");
    }

    private string PrometheusFile => Path.Combine(_folder.FullName, "prometheus.yml");

    private KillableAgent Agent(int number) => new(
        $"node-{number}", GpuCount, number, Collector.Address,
        settings: $$"""
            sampling: { slow_interval: 1s }
            capture: { counters_after: 1s, counters_before: 5s, free_space_floor_bytes: {{(number == 3 ? DiskFloor : "0")}} }
            """,
        rules: ScaledRules.AgentRules + SiteRule + "\n", delivery: "push_interval: 1s", profile: number == 4 ? "t4" : "h100");

    /// <summary>Every process works for a job, as Slurm would say it; the processes of the second GPU of the last node for one of their own.</summary>
    private static void WriteJobs(KillableAgent agent)
    {
        foreach (var gpu in agent.Node.Gpus)
            foreach (var pid in gpu.ProcessIds)
            {
                var folder = Directory.CreateDirectory(Path.Combine(agent.Node.ProcfsPath, $"{pid}")).FullName;
                File.WriteAllText(Path.Combine(folder, "environ"), $"SLURM_JOB_ID={(agent.Name == "node-4" && gpu.Index == 1 ? 4712 : 4711)}\0SLURM_JOB_NAME=train\0SLURM_JOB_USER=alice\0");
            }
    }

    private async Task ReloadAsync()
    {
        using var answer = await _http.PostAsync(new Uri($"http://{_prometheusAddress}/-/reload"), null);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<bool> KnowsAlertmanagerAsync()
    {
        var answer = await _http.GetFromJsonAsync<JsonElement>(new Uri($"http://{_prometheusAddress}/api/v1/alertmanagers"));
        return answer.GetProperty("data").GetProperty("activeAlertmanagers").GetArrayLength() > 0;
    }

    private void WritePrometheus(bool isOfAgents = false, bool hasRules = true)
    {
        var text = File.ReadAllText(RepositoryRoot.Combine("dashboards", "prometheus", "prometheus.yml"))
            .Replace("localhost:9461", Collector.Address.Authority, StringComparison.Ordinal).Replace("localhost:9093", _alertmanagerAddress, StringComparison.Ordinal)
            .Replace("scrape_interval: 15s", "scrape_interval: 1s\n  evaluation_interval: 1s", StringComparison.Ordinal).Replace("scrape_timeout: 10s", "scrape_timeout: 1s", StringComparison.Ordinal).Replace("refresh_interval: 30s", "refresh_interval: 1s", StringComparison.Ordinal);
        if (!hasRules) text = text.Replace("gpu-*.rules.yaml", "none-*.rules.yaml", StringComparison.Ordinal);
        if (isOfAgents) text = text.Replace("job_name: gpu-nodes", "job_name: gpu-agents", StringComparison.Ordinal).Replace("via=collector", "via=agent", StringComparison.Ordinal);
        File.WriteAllText(PrometheusFile, text + $"\n  - job_name: scripted\n    honor_labels: true\n    static_configs:\n      - targets: [\"{Receiver.Address.Authority}\"]\n");
    }

    /// <summary>The shipped routes and inhibitions; what would only be on dashboards is sent as well.</summary>
    private string WriteAlertmanager()
    {
        var path = Path.Combine(_folder.FullName, "alertmanager.yml");
        File.WriteAllText(path, File.ReadAllText(RepositoryRoot.Combine("dashboards", "alertmanager", "alertmanager.yml"))
            .Replace("http://localhost:8085/", Receiver.Address.ToString(), StringComparison.Ordinal).Replace("http://localhost:9461/", Collector.Address.ToString(), StringComparison.Ordinal)
            .Replace("group_wait: 30s", "group_wait: 1s", StringComparison.Ordinal).Replace("group_interval: 5m", "group_interval: 1s", StringComparison.Ordinal).Replace("group_interval: 1m", "group_interval: 5s", StringComparison.Ordinal).Replace("repeat_interval: 1m", "repeat_interval: 5s", StringComparison.Ordinal)
            .Replace("- name: dashboard-only", $"- name: dashboard-only\n    webhook_configs:\n      - url: {Receiver.Address}dashboard-only", StringComparison.Ordinal));
        return path;
    }

    /// <summary>Alertmanager holds some alerts back: they count as come when it says so.</summary>
    private async Task LookAsync()
    {
        var alerts = await _http.GetFromJsonAsync<JsonElement>(new Uri($"http://{_alertmanagerAddress}/api/v2/alerts?active=false&silenced=false&inhibited=true"));
        foreach (var alert in alerts.EnumerateArray())
            if (alert.GetProperty("status").GetProperty("state").GetString() == "suppressed") _suppressed.Add(alert.GetProperty("labels").GetProperty("alertname").GetString()!);
    }

    private async Task StartAsync(string name, string program, params string[] arguments) =>
        _children.Add(await ChildProcess.StartAsync(_starter, name, program, arguments, Path.Combine(_folder.FullName, name + ".log"), TimeProvider.System));

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Step);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                EachStep();
                foreach (var agent in Agents) agent.Node.Advance(Step);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
