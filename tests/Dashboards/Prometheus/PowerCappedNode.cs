using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Monitoring.Simulator.NodeProfiles;
using Xunit;
using ChildProcess = Monitoring.Simulator.Demo.ChildProcess;

namespace Monitoring.Tests.Dashboards.Prometheus;

/// <summary>A sound node of eight GPUs that work at their power limit, with a real agent and a real collector, and their pages.</summary>
internal sealed class PowerCappedNode : IAsyncDisposable
{
    /// <summary>Below what the training load draws (636 W), so that the software power cap holds all the time.</summary>
    private const string LimitMilliwatts = "450000";

    private const int GpuCount = 8;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-capped-");
    private readonly ChildStarter _starter = new();
    private readonly List<ChildProcess> _children = [];
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly string _agent = FreePort.TakeAddress();
    private readonly string _collector = FreePort.TakeAddress();
    private readonly SimulatedNode _node;
    private readonly Task _ticking;

    private PowerCappedNode()
    {
        var text = File.ReadAllText(RepositoryRoot.Combine("simulator", "profiles", "h100.yaml"));
        var capped = text.Replace("enforced_limit_mw: 700000", $"enforced_limit_mw: {LimitMilliwatts}", StringComparison.Ordinal);
        Assert.NotEqual(text, capped);
        _node = SimulatedNode.Create(Path.Combine(_folder.FullName, "driver"), NodeProfile.Parse("h100.yaml", capped), GpuCount, seed: 1);
        _ticking = TickAsync();
    }

    internal static async Task<PowerCappedNode> StartAsync()
    {
        Requirement.Program("setpriv");
        var node = new PowerCappedNode();
        await node.RunAsync("collector", "Collector", "gpu-collector", $"listen: {node._collector}\n");
        var rules = Directory.CreateDirectory(Path.Combine(node._folder.FullName, "rules")).FullName;
        await node.RunAsync("agent", "Agent", "gpu-agent", new DemoNode(1, "node-1", node._node.Directory, node._agent).AgentYaml(node._collector, rules));
        return node;
    }

    /// <summary>The agent's page once all GPUs are held down by the power cap, and were so for a while.</summary>
    internal async Task<string> AgentPageAsync() => await UntilAsync($"http://{_agent}/metrics", static page => MetricsPage.Read(page)
        .Count(static sample => sample is { Name: "gpu_throttle_seconds_total", Value: > 1 } && sample.Labels["reason"] == "sw_power_cap") == GpuCount);

    /// <summary>The collector's own page once it knows the node.</summary>
    internal async Task<string> CollectorPageAsync() => await UntilAsync($"http://{_collector}/metrics", static page => page.Contains("gpu_collector_node_clock_skew_seconds{", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var child in Enumerable.Reverse(_children)) await child.DisposeAsync();
        await _ticking;
        _node.Dispose();
        _starter.Dispose();
        _end.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task RunAsync(string name, string project, string program, string configuration)
    {
        var file = Path.Combine(_folder.FullName, name + ".yaml");
        await File.WriteAllTextAsync(file, configuration);
        var path = RepositoryRoot.Combine("artifacts", "bin", $"Monitoring.{project}", new DirectoryInfo(AppContext.BaseDirectory).Name, program);
        Assert.True(File.Exists(path), $"{path} does not exist: build the solution");
        _children.Add(await ChildProcess.StartAsync(_starter, name, path, ["run", "--config", file], Path.Combine(_folder.FullName, name + ".log"), TimeProvider.System));
    }

    private async Task<string> UntilAsync(string address, Func<string, bool> holds)
    {
        var page = "";
        await Eventually.HoldsAsync(() => $"{address} is as expected:\n{page}", async () =>
        {
            if (_children.FirstOrDefault(static child => child.Exited.IsCompleted) is { } dead) Assert.Fail(await dead.EpitaphAsync());
            try
            {
                page = await _http.GetStringAsync(new Uri(address));
                return holds(page);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return page;
    }

    /// <summary>The simulated hardware lives in real time, as its readers do.</summary>
    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token)) _node.Advance(Tick);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
