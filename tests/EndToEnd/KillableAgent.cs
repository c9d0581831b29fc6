using System.Diagnostics;
using Monitoring.Agent.Journal;
using Monitoring.Contracts.Events;
using Monitoring.Segments;
using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Monitoring.Simulator.NodeProfiles;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>A real agent process on a simulated node of its own, which a test kills as a power cut would; its state directory outlives it.</summary>
internal sealed class KillableAgent : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-agent-");
    private readonly ChildStarter _starter = new();
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly string _address = FreePort.TakeAddress();
    private readonly string _configuration;
    private Process? _process;
    private Task<string> _output = Task.FromResult("");

    /// <param name="name">Name of the node.</param>
    /// <param name="seed">Makes it a machine of its own.</param>
    /// <param name="collector">Where events are sent; null for nowhere.</param>
    /// <param name="stateDirectory">What outlives it; null for a directory of its own.</param>
    /// <param name="settings">Further settings, YAML.</param>
    /// <param name="rules">A rule file; empty for the shipped rules alone.</param>
    /// <param name="delivery">Further settings of the way to the collector, <c>key: value</c>.</param>
    /// <param name="profile">What machine it is.</param>
    internal KillableAgent(string name, int gpus, int seed, Uri? collector, string? stateDirectory = null, string settings = "", string rules = "", string delivery = "", string profile = "h100")
    {
        Requirement.Program("setpriv");
        Name = name;
        StateDirectory = stateDirectory ?? Path.Combine(_folder.FullName, "state");
        Node = SimulatedNode.Create(Path.Combine(_folder.FullName, "node"), NodeProfile.Load(profile), gpus, seed);
        Node.Advance(TimeSpan.FromSeconds(5));
        _configuration = Path.Combine(_folder.FullName, "agent.yaml");
        RulesDirectory = rules.Length == 0 ? "" : _folder.CreateSubdirectory("rules").FullName;
        if (rules.Length > 0) File.WriteAllText(Path.Combine(RulesDirectory, "10-test.yaml"), rules);
        File.WriteAllText(_configuration, $"""
            node: {name}
            listen: {_address}
            state_directory: {StateDirectory}
            log:
              level: warning
            devices:
              nvml_library: {Node.LibraryPath}
              sysfs: {Path.Combine(Node.Directory, "sys")}
              procfs: {Node.ProcfsPath}
              systemd_units: {Path.Combine(Node.Directory, "systemd")}
              kernel_log: {Node.KernelLogPath}
              fabric_manager_log: ''
            detection:
              rules_directory: '{RulesDirectory}'
            {(collector is null ? "" : $"collector:\n  endpoint: {collector}\n  {delivery}")}
            {settings}

            """);
    }

    internal string Name { get; }

    /// <summary>The machine; it goes on whatever becomes of the agent.</summary>
    internal SimulatedNode Node { get; }

    internal string StateDirectory { get; }

    /// <summary>Where its own rules are; empty for the shipped rules alone.</summary>
    internal string RulesDirectory { get; }

    /// <summary>Where it answers.</summary>
    internal Uri Address => new($"http://{_address}");

    internal bool HasExited => _process?.HasExited ?? true;

    /// <summary>Starts it and does not wait for anything.</summary>
    internal async Task StartAsync()
    {
        var program = RepositoryRoot.Combine("artifacts", "bin", "Monitoring.Agent", new DirectoryInfo(AppContext.BaseDirectory).Name, "gpu-agent");
        Assert.True(File.Exists(program), $"{program} does not exist: build the solution");
        _process = await _starter.StartAsync(program, ["run", "--config", _configuration]);
        _output = ReadAsync(_process);
    }

    /// <summary>Ends it by SIGKILL.</summary>
    /// <returns>What it had said.</returns>
    internal async Task<string> KillAsync()
    {
        if (_process is null) return "";
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        return await _output;
    }

    /// <summary>Its page; null while it does not answer.</summary>
    internal async Task<IReadOnlyList<MetricSample>?> ReadAsync()
    {
        try
        {
            return MetricsPage.Read(await _http.GetStringAsync(new Uri($"http://{_address}/metrics")));
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Every event record of the journal on disk, in order, whatever its id; what a killed agent leaves, or one that runs has written by now.</summary>
    internal List<EventRecord> ReadJournal()
    {
        var journal = new DirectoryInfo(Path.Combine(StateDirectory, "journal"));
        // Opening it mends its end, which is a running agent's own affair.
        var copy = HasExited ? null : _folder.CreateSubdirectory("journal-copy");
        try
        {
            if (copy is not null)
                foreach (var segment in journal.GetFiles("*.segment")) segment.CopyTo(Path.Combine(copy.FullName, segment.Name));
            using var log = SegmentLog.Open((copy ?? journal).FullName, new SegmentLogOptions { MaximumBytes = 1L << 30 }, TimeProvider.System);
            return [.. log.Read().Where(static record => record.Type == (byte)JournalRecordType.Event).Select(static record => EventJson.Read(record.Payload.Span))];
        }
        finally
        {
            copy?.Delete(recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Node.Dispose();
        _starter.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> ReadAsync(Process process) => string.Concat(await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()));
}
