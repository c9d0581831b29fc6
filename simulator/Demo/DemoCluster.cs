using System.Globalization;

namespace Monitoring.Simulator.Demo;

/// <summary>All processes of a demo, started in the order of the data and stopped from its end.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    // Nine programs start at once on a machine that may have two cores and other work.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ReadinessPoll = TimeSpan.FromMilliseconds(200);

    private readonly ChildStarter _starter = new();
    private readonly List<List<ChildProcess>> _stages = [];
    private readonly DemoOptions _options;
    private readonly DemoDirectory _directory;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public DemoCluster(DemoOptions options, DemoDirectory directory, HttpClient http, TimeProvider time)
    {
        (_options, _directory, _http, _time) = (options, directory, http, time);
        var ports = new DemoPorts();
        CollectorAddress = Address(ports.Take(9461));
        PrometheusAddress = options.PrometheusPath is null ? null : Address(ports.Take(9090));
        Nodes = [.. Enumerable.Range(1, options.NodeCount).Select(number => new DemoNode(
            number,
            DemoOptions.NodeName(number),
            directory.Inside("nodes", DemoOptions.NodeName(number), "driver"),
            // 9461 is the collector's.
            Address(ports.Take(number == 1 ? 9460 : 9460 + number))))];
    }

    public string CollectorAddress { get; }

    /// <summary>Null where the demo does without.</summary>
    public string? PrometheusAddress { get; }

    public IReadOnlyList<DemoNode> Nodes { get; }

    /// <summary>Starts everything and returns when it answers.</summary>
    /// <exception cref="DemoFailedException">A process ended, or did not answer in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (self, selfArguments) = Self();
        await StageAsync(Nodes.Select(node => ($"simulator of {node.Name}", self, (string[])
        [
            .. selfArguments, "run", "--directory", node.DriverDirectory, "--profile", _options.Profile,
            "--gpus", _options.GpuCount.ToString(CultureInfo.InvariantCulture),
            "--seed", node.Number.ToString(CultureInfo.InvariantCulture),
            .. _options.Recording is { } recording ? (string[])["--recording", recording] : [],
        ])));
        await UntilAsync(
            "the simulated drivers",
            _ => Task.FromResult(Nodes.All(node => File.Exists(Path.Combine(node.DriverDirectory, "libnvidia-ml.so.1")))),
            cancellationToken);

        var collectorYaml = Write("collector.yaml", $"""
            listen: {CollectorAddress}
            state_directory: {DemoNode.Quoted(_directory.Inside("collector"))}
            discovery:
              settle_time: 2s
            captures:
              min_free_bytes: 256MiB
            {(_options.Elasticsearch is { } search ? $"elasticsearch:\n  connection:\n    urls: [{DemoNode.Quoted(search.AbsoluteUri)}]" : "")}

            """);
        await StageAsync([("collector", _options.CollectorPath, ["run", "--config", collectorYaml])]);
        await UntilAsync("the collector", token => AnswersAsync($"http://{CollectorAddress}/healthz", token), cancellationToken);

        var rules = _directory.Inside("rules");
        File.WriteAllText(Path.Combine(rules, "demo.yaml"), DemoRules.Yaml);
        await StageAsync(Nodes.Select(node => ($"agent of {node.Name}", _options.AgentPath, (string[])
            ["run", "--config", Write($"{node.Name}.yaml", node.AgentYaml(CollectorAddress, rules))])));
        foreach (var node in Nodes)
            await UntilAsync($"the agent of {node.Name}", token => AnswersAsync($"http://{node.AgentAddress}/readyz", token), cancellationToken);

        if (PrometheusAddress is not null)
            await StartPrometheusAsync(PrometheusAddress, cancellationToken);
    }

    /// <summary>Completes when a process ends that should run, with what it said last.</summary>
    public async Task<string> AnyDeathAsync()
    {
        var children = _stages.SelectMany(stage => stage).ToArray();
        var exited = await Task.WhenAny(children.Select(child => child.Exited));
        return await children.First(child => child.Exited == exited).EpitaphAsync();
    }

    /// <summary>Lets an incident befall a GPU; the answer is null, or why the simulator refused.</summary>
    public async Task<string?> InjectAsync(DemoNode node, int gpu, string incident, IEnumerable<string> parameters, TimeSpan duration)
    {
        var (self, selfArguments) = Self();
        await using var injection = await ChildProcess.StartAsync(
            _starter,
            $"injection of {incident}",
            self,
            [
                .. selfArguments, "inject", "--directory", node.DriverDirectory,
                "--gpu", gpu.ToString(CultureInfo.InvariantCulture), "--incident", incident,
                "--for", string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0}s"),
                .. parameters.SelectMany(parameter => (string[])["--set", parameter]),
            ],
            Path.Combine(_directory.Inside("logs"), $"inject-{incident}.log"),
            _time);
        var epitaph = await injection.EpitaphAsync();
        return injection.ExitCode == 0 ? null : epitaph;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stage in Enumerable.Reverse(_stages))
            await Task.WhenAll(stage.Select(child => child.DisposeAsync().AsTask()));
        _starter.Dispose();
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>How this program is started again: by itself, or by dotnet.</summary>
    private static (string Program, string[] Arguments) Self()
    {
        var program = Environment.ProcessPath ?? throw new DemoFailedException("the path of this program is unknown");
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? (program, [Environment.GetCommandLineArgs()[0]]) : (program, []);
    }

    private async Task StartPrometheusAsync(string address, CancellationToken cancellationToken)
    {
        var configuration = Write("prometheus.yml", PrometheusConfiguration.Yaml(CollectorAddress));
        await StageAsync([("Prometheus", _options.PrometheusPath!,
        [
            $"--config.file={configuration}",
            $"--storage.tsdb.path={_directory.Inside("prometheus")}",
            $"--web.listen-address={address}",
        ])]);
        await UntilAsync("Prometheus", token => AnswersAsync($"http://{address}/-/ready", token), cancellationToken);
    }

    private string Write(string fileName, string text)
    {
        var path = Path.Combine(_directory.Inside("configuration"), fileName);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task StageAsync(IEnumerable<(string Name, string Program, string[] Arguments)> processes)
    {
        // Known before it is filled, so that what was started is stopped even if the next one cannot be started.
        var stage = new List<ChildProcess>();
        _stages.Add(stage);
        foreach (var (name, program, arguments) in processes)
        {
            var logPath = Path.Combine(_directory.Inside("logs"), name.Replace(' ', '-') + ".log");
            stage.Add(await ChildProcess.StartAsync(_starter, name, program, arguments, logPath, _time));
        }
    }

    private async Task UntilAsync(string what, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken)
    {
        var death = AnyDeathAsync();
        var start = _time.GetTimestamp();
        while (!await condition(cancellationToken))
        {
            if (death.IsCompleted)
                throw new DemoFailedException(await death);
            if (_time.GetElapsedTime(start) > StartPatience)
                throw new DemoFailedException($"{what} did not become ready within {StartPatience.TotalSeconds:0} s; the logs are in {_directory.Inside("logs")}");
            await Task.Delay(ReadinessPoll, _time, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(url), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
