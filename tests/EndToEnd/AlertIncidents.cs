using System.Diagnostics;
using System.Globalization;
using Monitoring.Simulator;

namespace Monitoring.Tests.EndToEnd;

/// <summary>What goes wrong in an <see cref="AlertCluster"/>, in waves. Together they are the cause of every shipped alert.</summary>
/// <param name="cluster">Where.</param>
internal sealed class AlertIncidents(AlertCluster cluster)
{
    // NVML's numbers of the GPM metrics for tensor work and memory traffic.
    private static readonly int[] WorkMetrics = [5, 6, 7, 8, 9, 10];

    // Each is fatal, and each is an incident of its own.
    private static readonly ulong[] FatalXids = [46, 62, 64, 95, 140, 143];

    private const uint FabricInProgress = 2;
    private const int ManyRows = 512;
    private const int ManyPages = 60;
    private const int ApplicationXids = 12;
    private const int Flaps = 8;
    private const int Restarts = 5;

    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(300);

    // Once by the new way there must be a last success to count from.
    private static readonly TimeSpan SomeScrapes = TimeSpan.FromSeconds(2);

    private SimulatedNode Node(int number) => cluster.Agents[number - 1].Node;

    /// <summary>What needs a past: memory that was in use for long, and a job that never worked.</summary>
    internal void Prepare()
    {
        Node(1).Gpus[0].MemoryUsedBytes = Share(Node(1).Gpus[0], 0.6);
        Node(1).Gpus[2].MemoryUsedBytes = Share(Node(1).Gpus[2], 0.5);
        Node(4).Gpus[1].GpuUtilizationPercent = 0;
    }

    /// <summary>Everything that can happen to a GPU or a port.</summary>
    internal async Task BreakHardwareAsync()
    {
        foreach (var number in (int[])[1, 2, 3]) Node(number).StartIncident("thermal_throttle", 0, parameters: Parameters("resistance=10"));
        BreakFirst();
        BreakSecond();
        BreakThird();
        await cluster.Agents[3].StartAsync();
        for (var number = 0; number < ApplicationXids; number++)
        {
            ref var state = ref Node(3).Gpus[0].State;
            Node(3).WriteKernelLine(string.Create(CultureInfo.InvariantCulture, $"NVRM: Xid (PCI:{state.PciDomain:x4}:{state.PciBus:x2}:{state.PciDevice:x2}): 31, pid={90_000 + number}, name=python3, simulated"));
            foreach (var isUp in number < Flaps ? [false, true] : Array.Empty<bool>()) Node(2).SetPortUp(0, isUp);
            await Task.Delay(Gap, TimeProvider.System);
        }
    }

    /// <summary>What happens to the node that joined, once it was seen.</summary>
    internal void BreakFourth()
    {
        Node(4).Gpus[0].AddRemappedRows(0, ManyPages);
        Node(4).StartIncident("xid_79", 3);
    }

    /// <summary>What can be repaired is: its alerts end.</summary>
    internal void Repair()
    {
        Node(1).StopIncident("power_brake", 1);
        Node(1).SetPortUp(0, isUp: true);
        Node(3).StopIncident("fabric_manager_down", 0);
        Node(3).StopIncident("hang", 1);
        cluster.EachStep = static () => { };
    }

    /// <summary>What goes wrong with the watch itself, while everything runs.</summary>
    internal async Task DisturbWatchAsync()
    {
        cluster.Receiver.Page = ScriptedPage.After;
        Node(4).IsDriverLoaded = false;
        await File.WriteAllTextAsync(Path.Combine(cluster.Agents[0].RulesDirectory, "20-wrong.yaml"), "rules: { wrong: { when: 3 } }\n");
        await File.AppendAllTextAsync(Node(1).KernelLogPath, "this is no record\n");
        for (var number = 0; number < 3; number++) await cluster.CaptureAsync("node-1", seconds: 8);
        await cluster.CaptureAsync("node-3", seconds: 1);
        // Whoever opens it waits for a writer that never comes, as for a driver that hangs.
        var rate = Path.Combine(Node(3).Sysfs, "class/infiniband/mlx5_1/ports/1/rate");
        File.Delete(rate);
        using (var made = Process.Start("mkfifo", rate)) await made.WaitForExitAsync();
    }

    /// <summary>Agents that die, come back, find their journal and their kernel log damaged, or stay away.</summary>
    internal async Task KillAgentsAsync(TimeSpan patience)
    {
        await cluster.Agents[2].KillAsync();
        await cluster.Agents[0].KillAsync();
        File.Delete(Node(1).KernelLogPath);
        await cluster.Agents[0].StartAsync();
        await cluster.CaptureAsync("node-3", seconds: 1);
        for (var number = 0; number < Restarts; number++)
        {
            await cluster.Agents[1].KillAsync();
            if (number == 0) DamageJournal(cluster.Agents[1].StateDirectory);
            var before = string.Create(CultureInfo.InvariantCulture, $"gpu_agent_start_time_seconds{{node=\"node-2\"}} > {TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0 - 0.5}");
            await cluster.Agents[1].StartAsync();
            await cluster.HoldsAsync(patience, async () => (await cluster.SeriesAsync(before)).Count > 0);
        }
    }

    /// <summary>The collector ends while Prometheus asks the agents themselves, and something waits to be sent.</summary>
    internal async Task KillCollectorAsync(TimeSpan patience)
    {
        await cluster.AskAgentsAsync();
        await cluster.HoldsAsync(patience, async () => (await cluster.SeriesAsync("up{job=\"gpu-agents\"} == 1")).Count >= 2);
        await Task.Delay(SomeScrapes, TimeProvider.System);
        await cluster.Collector.KillAsync();
        foreach (var number in (int[])[1, 2]) Node(number).Gpus[3].RaiseEvent(GpuEventType.Xid, 69);
    }

    private void BreakFirst()
    {
        var node = Node(1);
        node.Gpus[0].MemoryUsedBytes = Share(node.Gpus[0], 0.95);
        node.StartIncident("ecc_burst", 1, parameters: Parameters("uncorrected=1"));
        node.StartIncident("power_brake", 1);
        node.Gpus[1].AddRemappedRows(0, ManyRows);
        node.Gpus[1].Write(static (ref state) =>
        {
            state.SramThresholdExceeded = 1;
            state.RemapHistogram[4] = 2;
            state.FabricState = FabricInProgress;
        });
        node.StartIncident("nvlink_errors", 2, parameters: Parameters("down=yes"));
        node.Gpus[2].GpuUtilizationPercent = 0;
        node.StartIncident("row_remap_pending", 3, parameters: Parameters("result=failed"));
        node.StartIncident("pcie_degraded", 3, parameters: Parameters("replays_per_second=50"));
        foreach (var pid in node.Gpus[3].ProcessIds) node.Gpus[3].EndProcess(pid);
        node.Gpus[3].MemoryUsedBytes = 20_000_000_000;
        node.SetPortUp(0, isUp: false);
        File.WriteAllText(Path.Combine(node.Sysfs, "class/infiniband/mlx5_1/ports/1/rate"), "200 Gb/sec (4X HDR)\n");
    }

    private void BreakSecond()
    {
        var node = Node(2);
        node.Gpus[0].MemoryTemperatureCelsius = 97;
        foreach (var gpu in node.Gpus) gpu.GpuUtilizationPercent = 100;
        node.StartIncident("row_remap_pending", 1);
        node.Gpus[1].TemperatureMarginCelsius = -5;
        node.StartIncident("nvlink_errors", 1, parameters: Parameters("per_second=20"));
        node.StartIncident("nvlink_errors", 2, parameters: Parameters("link=1", "type=crc_flit", "per_second=400"));
        node.Gpus[2].TemperatureMarginCelsius = 1;
        node.Gpus[3].SmClockMegahertz = 800;
        foreach (var code in (ulong[])[.. FatalXids, 92, 94]) node.Gpus[1].RaiseEvent(GpuEventType.Xid, code);
        node.WriteKernelLine("nvidia-nvswitch0: SXid (PCI:0000:06:00.0): 20034, Fatal, Link 48 LTSSM Fault Up");
        var version = Path.Combine(node.Procfs, "driver", "nvidia", "version");
        File.WriteAllText(version, File.ReadAllText(version).Replace(node.Profile.DriverVersion, "590.44.01", StringComparison.Ordinal));
    }

    private void BreakThird()
    {
        var node = Node(3);
        node.Gpus[0].Write(static (ref state) => state.EccModeCurrent = 0);
        node.StartIncident("fabric_manager_down", 0);
        node.StartIncident("hang", 1);
        foreach (var gpu in node.Gpus.Skip(2))
        {
            gpu.GpuUtilizationPercent = 100;
            foreach (var metric in WorkMetrics) gpu.SetGpmShare(metric, 0);
            gpu.PowerMilliwatts = 90_000;
        }
        cluster.EachStep = () => node.AddPortSymbolErrors(0, 20);
    }

    private static ulong Share(SimulatedGpu gpu, double share) => (ulong)(gpu.MemoryTotalBytes * share);

    /// <summary>Bytes in the midst of the journal that a disk gave back wrong.</summary>
    private static void DamageJournal(string stateDirectory)
    {
        var segment = Directory.GetFiles(Path.Combine(stateDirectory, "journal"), "*.segment").MinBy(static path => path, StringComparer.Ordinal)!;
        using var file = new FileStream(segment, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        file.Write("these are not the bytes that were written"u8);
    }

    private static IEnumerable<KeyValuePair<string, string>> Parameters(params string[] parameters) => parameters.Select(static one => one.Split('=')).Select(static pair => KeyValuePair.Create(pair[0], pair[1]));
}
