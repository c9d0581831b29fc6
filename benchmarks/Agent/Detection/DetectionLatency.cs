using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Agent.Hosting;
using Monitoring.Agent.Journal;
using Monitoring.Contracts.Events;
using Monitoring.Settings.Logs;
using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;

namespace Monitoring.Benchmarks.Agent.Detection;

/// <summary>
/// From the reading that crosses a threshold to the finding on disk: the whole agent in this process, in real time at its default
/// rates with every shipped rule, over the simulated driver.
/// </summary>
internal static class DetectionLatency
{
    private const int Gpus = 8;
    private const int Times = 50;
    private const string Rule = """
        rules:
          latency_brake:
            when: { threshold: { metric: 'gpu_throttle_active{reason="hw_power_brake"}', is: "> 0" } }
            for: 0s
            clear_for: 0s
            limits: { events: 1000, window: 1h }
        """;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures and prints.</summary>
    internal static async Task PrintAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("detection-latency-");
        try
        {
            using var node = SimulatedNode.Create(Path.Combine(folder.FullName, "node"), NodeProfile.Load("h100"), Gpus, seed: 1);
            var app = AgentApp.Build(Settings(folder, node), TimeProvider.System);
            await app.StartAsync();
            node.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(Settle, TimeProvider.System, CancellationToken.None);
            var journal = app.Services.GetRequiredService<EventJournal>();
            if (!journal.IsOnDisk) throw new InvalidOperationException(journal.Trouble);
            List<TimeSpan> latencies = [];
            for (var time = 0; time < Times; time++)
            {
                latencies.Add(await MeasureAsync(node, journal, time % Gpus, isOn: true));
                _ = await MeasureAsync(node, journal, time % Gpus, isOn: false);
            }
            await app.StopAsync();
            await app.DisposeAsync();
            Print(output, latencies);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Puts the brake on or takes it off, at any moment between two readings, and waits until the journal has synced what the rule says of it.</summary>
    private static async Task<TimeSpan> MeasureAsync(SimulatedNode node, EventJournal journal, int gpu, bool isOn)
    {
        await Task.Delay(LongestPause * Random.Shared.NextDouble(), TimeProvider.System, CancellationToken.None);
        var seen = Settled(journal);
        if (isOn) node.StartIncident("power_brake", gpu);
        else node.StopIncident("power_brake", gpu);
        node.Advance(TimeSpan.FromMilliseconds(50));
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; Thread.Yield())
        {
            if (journal.Waiting == 0) continue;
            // What waits to be sent is synced.
            var now = TimeProvider.System.GetUtcNow();
            if (Settled(journal).Find(record => record.Rule == "latency_brake" && record.Phase == (isOn ? EventPhase.Started : EventPhase.Ended) && record.Gpu?.Index == gpu) is { } found) return now - found.Time;
        }
        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no finding on GPU {gpu} within {Patience.TotalSeconds} s; {seen.Count} events before it"));
    }

    /// <summary>Takes what is synced out of the queue, as the pipe to a collector does.</summary>
    private static List<EventRecord> Settled(EventJournal journal)
    {
        var waiting = journal.Oldest(1000, long.MaxValue);
        if (waiting.Count > 0) journal.Settle(waiting[^1].Sequence);
        return [.. waiting.Select(static one => EventJson.Read(one.Json.Span))];
    }

    private static void Print(TextWriter output, List<TimeSpan> latencies)
    {
        latencies.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Gpus} GPUs at 10 Hz, shipped rules, {latencies.Count} findings; from the reading that crossed to the event synced to disk"));
        foreach (var (name, share) in (ReadOnlySpan<(string, double)>)[("min", 0), ("median", 0.5), ("p99", 0.99), ("max", 1)])
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-7}{latencies[(int)Math.Ceiling(share * (latencies.Count - 1))].TotalMilliseconds,8:0} ms"));
    }

    private static AgentSettings Settings(DirectoryInfo folder, SimulatedNode node)
    {
        var rules = folder.CreateSubdirectory("rules");
        File.WriteAllText(Path.Combine(rules.FullName, "10-latency.yaml"), Rule);
        var settings = new AgentSettings { Node = "node-1", Listen = FreeAddress(), StateDirectory = Path.Combine(folder.FullName, "state") };
        settings.Log.Level = LogThreshold.Error;
        settings.Detection.RulesDirectory = rules.FullName;
        settings.Devices.NvmlLibrary = node.LibraryPath;
        settings.Devices.Sysfs = Path.Combine(node.Directory, "sys");
        settings.Devices.Procfs = node.ProcfsPath;
        settings.Devices.SystemdUnits = Path.Combine(node.Directory, "systemd");
        settings.Devices.KernelLog = node.KernelLogPath;
        settings.Devices.FabricManagerLog = "";
        return settings;
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
