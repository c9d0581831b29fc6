using System.Text.Json;
using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Monitoring.Simulator.NodeProfiles;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>A real agent process over a simulated driver that a test plays with; readings are fast, so that nothing waits for long.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    // What a failure shows of the last page.
    private static readonly string[] Shown = ["gpu_power_watts", "gpu_devices", "gpu_agent_driver_call_stuck_seconds"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-agent-");
    private readonly ChildStarter _starter = new();
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly string _address = FreePort.TakeAddress();
    private ChildProcess? _agent;

    /// <summary>The machine; null while it has no driver.</summary>
    internal SimulatedNode? Node { get; private set; }

    /// <summary>How long the agent took to end when it was asked to.</summary>
    internal async Task<TimeSpan> StopAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        await _agent!.StopAsync();
        return TimeProvider.System.GetElapsedTime(began);
    }

    internal int ExitCode => _agent!.ExitCode;

    internal SimulatedNode CreateNode(int gpus, int seed = 1, string profile = "h100")
    {
        Node?.Dispose();
        Node = SimulatedNode.Create(Path.Combine(_folder.FullName, "driver"), NodeProfile.Load(profile), gpus, seed);
        Node.Advance(TimeSpan.FromSeconds(5));
        return Node;
    }

    /// <summary>Starts the program.</summary>
    /// <param name="settings">Further settings, YAML.</param>
    internal async Task StartAsync(string settings = "")
    {
        Requirement.Program("setpriv");
        var configuration = Path.Combine(_folder.FullName, "agent.yaml");
        await File.WriteAllTextAsync(configuration, $"""
            node: node-1
            listen: {_address}
            devices:
              nvml_library: {Path.Combine(_folder.FullName, "driver", "libnvidia-ml.so.1")}
              kernel_log: ''
            sampling:
              slow_interval: 1s
            {settings}
            """);
        var program = RepositoryRoot.Combine("artifacts", "bin", "Monitoring.Agent", new DirectoryInfo(AppContext.BaseDirectory).Name, "gpu-agent");
        Assert.True(File.Exists(program), $"{program} does not exist: build the solution");
        _agent = await ChildProcess.StartAsync(_starter, "agent", program, ["run", "--config", configuration], Path.Combine(_folder.FullName, "agent.log"), TimeProvider.System);
    }

    internal async Task<IReadOnlyList<MetricSample>> ReadAsync() => MetricsPage.Read(await _http.GetStringAsync(new Uri($"http://{_address}/metrics")));

    /// <summary>An answer of the API.</summary>
    internal async Task<JsonElement> GetAsync(string path)
    {
        using var answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://{_address}{path}")));
        return answer.RootElement.Clone();
    }

    internal async Task<string> ReadyAsync()
    {
        using var answer = await _http.GetAsync(new Uri($"http://{_address}/readyz"));
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    /// <summary>Waits until the page is as a test wants it, and gives it.</summary>
    internal async Task<IReadOnlyList<MetricSample>> UntilAsync(string what, Func<IReadOnlyList<MetricSample>, bool> holds)
    {
        IReadOnlyList<MetricSample> page = [];
        await Eventually.HoldsAsync(
            () => $"{what}\n{string.Join('\n', page.Where(static sample => Shown.Any(start => sample.Name.StartsWith(start, StringComparison.Ordinal))).Select(Line))}",
            async () =>
            {
                if (_agent!.Exited.IsCompleted) Assert.Fail(await _agent.EpitaphAsync());
                Node?.Advance(Tick);
                try
                {
                    page = await ReadAsync();
                    return holds(page);
                }
                catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            });
        return page;
    }

    /// <summary>
    /// Waits until the driver was asked for the events of every GPU: one that hangs before would hold that call, and with it the lane
    /// of the events, beside its own.
    /// </summary>
    internal Task UntilEventsAreAskedForAsync() => Eventually.HoldsAsync("the driver is asked for the events of every GPU",
        () => Node!.CallsOf("nvmlDeviceRegisterEvents") >= Node.Gpus.Count);

    private static string Line(MetricSample sample) =>
        $"{sample.Name}{{{string.Join(", ", sample.Labels.Select(static label => $"{label.Key}={label.Value}"))}}} {sample.Value}";

    public async ValueTask DisposeAsync()
    {
        if (Node is not null)
            foreach (var gpu in Node.Gpus)
                gpu.Hang = false;
        if (_agent is not null) await _agent.DisposeAsync();
        Node?.Dispose();
        _starter.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }
}
