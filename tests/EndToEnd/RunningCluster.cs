using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Monitoring.Simulator.NodeProfiles;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Tests against one running cluster; nothing else runs meanwhile, since they measure rates.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunningClusterTests : ICollectionFixture<RunningCluster>
{
    public const string Name = "running cluster";
}

/// <summary>
/// Two simulated nodes with 8 GPUs each, a real agent process per node, a real collector and a real Prometheus: started once
/// for all tests. The processes are children that the kernel ends with the test program.
/// </summary>
public sealed class RunningCluster : IAsyncLifetime
{
    internal const int GpuCount = 8;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-end-to-end-");
    private readonly ChildStarter _starter = new();
    private readonly List<ChildProcess> _children = [];
    private readonly CancellationTokenSource _end = new();
    private readonly string _collectorAddress = FreePort.TakeAddress();
    private readonly string _prometheusAddress = FreePort.TakeAddress();
    private Task _ticking = Task.CompletedTask;

    internal HttpClient Http { get; } = new() { Timeout = Eventually.Patience };

    internal IReadOnlyList<SimulatedMachine> Machines { get; private set; } = [];

    internal string CollectorUrl => $"http://{_collectorAddress}";

    internal string PrometheusUrl => $"http://{_prometheusAddress}";

    internal DemoVerdict Verdict => new(new PrometheusClient(Http, _prometheusAddress), Machines.Count, GpuCount);

    public async ValueTask InitializeAsync()
    {
        var prometheus = Requirement.Program("prometheus");
        Requirement.Program("setpriv");
        Machines = [.. Enumerable.Range(1, 2).Select(number => new SimulatedMachine(
            number,
            SimulatedNode.Create(Path.Combine(_folder.FullName, $"driver-{number}"), NodeProfile.Load("h100"), GpuCount, seed: number),
            FreePort.TakeAddress()))];
        UnsupportedReadings.Apply(Machines[1].Node.Gpus[UnsupportedReadings.Gpu]);
        _ticking = TickAsync();

        await StartAsync("collector", BuiltProgram("Collector", "gpu-collector"), "run", "--config", Write("collector.yaml", $"listen: {_collectorAddress}\n"));
        foreach (var machine in Machines)
            await StartAsync(machine.Name, BuiltProgram("Agent", "gpu-agent"), "run", "--config", Write($"{machine.Name}.yaml", machine.AgentYaml(_collectorAddress)));
        await StartAsync(
            "prometheus",
            prometheus,
            $"--config.file={Write("prometheus.yml", PrometheusConfiguration.Yaml(_collectorAddress))}",
            $"--storage.tsdb.path={Path.Combine(_folder.FullName, "prometheus")}",
            $"--web.listen-address={_prometheusAddress}");
        foreach (var machine in Machines)
            await UntilAsync($"{machine.Name} is ready", async () => (await Http.GetAsync(new Uri($"{machine.AgentUrl}/readyz"))).IsSuccessStatusCode);
        foreach (var machine in Machines)
            await UntilAsync($"the collector knows {machine.Name}", async () => (await Http.GetAsync(new Uri(NodePage(machine)))).IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var child in Enumerable.Reverse(_children))
            await child.DisposeAsync();
        await _ticking;
        foreach (var machine in Machines)
            machine.Node.Dispose();
        _starter.Dispose();
        _end.Dispose();
        Http.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The collector's page of a machine.</summary>
    internal string NodePage(SimulatedMachine machine) => $"{CollectorUrl}/nodes/{machine.Name}/metrics";

    internal async Task<IReadOnlyList<MetricSample>> ReadAsync(string url) => MetricsPage.Read(await Http.GetStringAsync(new Uri(url)));

    /// <summary>Waits until a condition holds; a refused connection counts as "not yet".</summary>
    internal Task UntilAsync(string what, Func<Task<bool>> condition) => UntilAsync(() => what, condition);

    /// <summary>The same with words that are made when it failed.</summary>
    internal Task UntilAsync(Func<string> what, Func<Task<bool>> condition) => Eventually.HoldsAsync(what, async () =>
    {
        if (_children.FirstOrDefault(child => child.Exited.IsCompleted) is { } dead)
            Assert.Fail(await dead.EpitaphAsync());
        try
        {
            return await condition();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    /// <summary>What the build put beside this test program: the same configuration of another project.</summary>
    private static string BuiltProgram(string project, string name)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var path = RepositoryRoot.Combine("artifacts", "bin", $"Monitoring.{project}", configuration, name);
        Assert.True(File.Exists(path), $"{path} does not exist: build the solution");
        return path;
    }

    private async Task StartAsync(string name, string program, params string[] arguments) =>
        _children.Add(await ChildProcess.StartAsync(_starter, name, program, arguments, Path.Combine(_folder.FullName, name + ".log"), TimeProvider.System));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The simulated hardware lives in real time, as its readers do.</summary>
    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                foreach (var machine in Machines)
                    machine.Node.Advance(Tick);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>A simulated node and where its agent listens.</summary>
    internal sealed record SimulatedMachine(int Number, SimulatedNode Node, string AgentAddress)
    {
        internal string Name => DemoOptions.NodeName(Number);

        internal string AgentUrl => $"http://{AgentAddress}";

        internal string AgentPage => AgentUrl + "/metrics";

        internal string AgentYaml(string collectorAddress) => new DemoNode(Number, Name, Node.Directory, AgentAddress)
            .AgentYaml(collectorAddress, System.IO.Directory.CreateDirectory(Path.Combine(Node.Directory, "rules")).FullName);
    }
}
