using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;

namespace Monitoring.Tests.Agent.Detection;

/// <summary>
/// A day of a node of eight GPUs, a frame a second, as a recording: three training jobs at the software power cap, with steps,
/// checkpoints, pauses between jobs and a reload of the driver, and whatever a test lets go wrong.
/// </summary>
internal sealed class ScenarioDay
{
    internal static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Length = TimeSpan.FromDays(1);

    // Jobs begin here; between them everything idles for five minutes, and in the first pause the driver is loaded anew.
    private static readonly TimeSpan[] JobEnds = [TimeSpan.FromHours(7), TimeSpan.FromHours(15)];
    private static readonly TimeSpan PauseOfJobs = TimeSpan.FromMinutes(5);
    private static readonly (TimeSpan From, TimeSpan To) Reload = (new(7, 1, 0), new(7, 1, 40));
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CheckpointLength = TimeSpan.FromSeconds(75);

    private readonly List<(TimeSpan From, TimeSpan To, Action<ScenarioDay, TimeSpan> Happen)> incidents = [];
    private readonly List<(TimeSpan At, EventRecord Record)> events = [];
    private readonly ulong seed;
    private ulong noise;

    internal ScenarioDay(ulong seed) => this.seed = noise = seed;

    internal ScenarioGpu[] Gpus { get; } = [.. Enumerable.Range(0, 8).Select(static index => new ScenarioGpu(index))];

    /// <summary>GPUs that the driver counts.</summary>
    internal double Devices { get; set; } = 8;

    internal double PortUp { get; set; } = 1;

    internal double PortDowned { get; set; }

    internal double FabricManagerActive { get; set; } = 1;

    /// <summary>Lets something happen each second from a time to another, after the workload has been laid out; what it sets lasts only that second, counters apart.</summary>
    internal ScenarioDay With(string from, string to, Action<ScenarioDay, TimeSpan> happen)
    {
        incidents.Add((TimeSpan.Parse(from, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Parse(to, System.Globalization.CultureInfo.InvariantCulture), happen));
        return this;
    }

    internal ScenarioDay WithXid(string at, int gpu, int code)
    {
        var time = TimeSpan.Parse(at, System.Globalization.CultureInfo.InvariantCulture);
        events.Add((time, new EventRecord
        {
            Id = EventId.Of(at, $"{gpu}", $"{code}"), Time = Start + time, Node = "gpu-node-1", Kind = EventKinds.Xid, Code = code, Title = $"XID {code} on GPU {gpu}",
            Gpu = new GpuReference(gpu, $"GPU-{gpu}"), Severity = code is 13 ? EventSeverity.Warning : EventSeverity.Critical,
        }));
        return this;
    }

    /// <summary>The day as a file in memory.</summary>
    internal MemoryStream Record()
    {
        noise = seed;
        var file = new MemoryStream();
        var writer = new RecordingWriter(file, new RecordingHeader("gpu-node-1", "test", "boot-1", "0.1.0", Start, 1_000_000));
        int[] numbers = [.. Gpus.Select(gpu => writer.Add(gpu.Layout))];
        var node = writer.Add(NodeLayout());
        var taken = new long[Gpus.Length];
        var pending = new Queue<(TimeSpan At, EventRecord Record)>(events.OrderBy(static item => item.At));
        for (var second = 0; second < (int)Length.TotalSeconds; second++)
        {
            var at = TimeSpan.FromSeconds(second);
            LayOut(at);
            foreach (var (from, to, happen) in incidents)
                if (at >= from && at < to) happen(this, at - from);
            var unix = Start.ToUnixTimeMilliseconds() * 1000 + second * 1_000_000L;
            var stamp = new RecordedStamp(second, unix, 3_600_000_000 + second * 1_000_000L, second % 10 == 0 ? 7 : 3);
            foreach (var gpu in Gpus)
            {
                if (!gpu.IsSampled) continue;
                // What was not asked for while it was away is asked for at once.
                gpu.Read(taken[gpu.Index] == 0 ? 7 : stamp.Tiers);
                writer.Add(numbers[gpu.Index], stamp with { Number = taken[gpu.Index]++ }, gpu.Values);
            }
            writer.Add(node, stamp, NodeValues());
            while (pending.TryPeek(out var next) && next.At <= at) writer.Add(pending.Dequeue().Record);
        }
        writer.End();
        file.Position = 0;
        return file;
    }

    /// <summary>A number from -1 to 1, the same in every run.</summary>
    internal double Noise()
    {
        noise += 0x9e3779b97f4a7c15;
        var mixed = (noise ^ noise >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        return (double)(mixed ^ mixed >> 31) / ulong.MaxValue * 2 - 1;
    }

    /// <summary>What a sound node does at that time.</summary>
    private void LayOut(TimeSpan at)
    {
        var idle = JobEnds.Any(end => at >= end && at < end + PauseOfJobs);
        var reloads = at >= Reload.From && at < Reload.To;
        var job = JobEnds.Count(end => at >= end);
        var checkpoint = !idle && at.Ticks % CheckpointInterval.Ticks < CheckpointLength.Ticks && at > TimeSpan.FromMinutes(10);
        (PortUp, FabricManagerActive) = (1, 1);
        Devices = reloads ? 0 : 8;
        foreach (var gpu in Gpus)
        {
            gpu.IsSampled = !reloads;
            gpu.StuckSeconds = 0;
            gpu.DownLink = -1;
            gpu.PcieLanes = 16;
            gpu.Throttles.Clear();
            if (reloads)
            {
                // The driver counts anew.
                (gpu.PcieReplays, gpu.RemapPending) = (0, 0);
                Array.Clear(gpu.LinkErrors);
            }
            if (idle || checkpoint)
            {
                (gpu.Utilization, gpu.Work) = (checkpoint ? 0.02 : 0, 0);
                gpu.ClockHertz = idle ? 345e6 : 1980e6;
                gpu.PowerWatts = (idle ? 72 : 130) + Noise();
                gpu.Celsius = idle ? 34 : 44;
            }
            else
            {
                // A step of training every few seconds; its end, where gradients are exchanged, draws less.
                var exchanges = at.TotalSeconds % 4 >= 3;
                gpu.Utilization = exchanges ? 0.94 + 0.03 * Noise() : 0.99;
                gpu.Work = exchanges ? 0.5 : 1;
                gpu.PowerWatts = (exchanges ? 560 : 694) + 6 * Noise();
                gpu.ClockHertz = 15e6 * Math.Round((1725 + 30 * Noise()) / 15);
                gpu.Celsius = 62 + gpu.Index % 3 + Math.Round(Noise());
                if (!exchanges) gpu.Throttles.Add("sw_power_cap");
            }
            gpu.Processes = idle ? 0 : 1;
            gpu.MemoryUsedBytes = idle ? 0.6e9 : (job == 1 ? 46e9 : 68e9) + 0.2e9 * Noise();
            // A corrected error now and then is what ECC is for.
            if (at.TotalSeconds % 7200 == 600 * gpu.Index) gpu.CorrectableErrors++;
        }
    }

    private RecordedLayout NodeLayout() => new(null,
    [
        new("gpu_devices", [], 0), new("gpu_devices_expected", [], 0),
        .. Gpus.Select(static gpu => new RecordedSeries("gpu_agent_driver_call_stuck_seconds", [new("gpu", $"{gpu.Index}"), new("uuid", gpu.Uuid), new("collector", "nvml")], 0)),
        .. new[] { "gpu_infiniband_port_up", "gpu_infiniband_link_downed_total", "gpu_infiniband_symbol_errors_total", "gpu_infiniband_link_error_recovery_total" }
            .SelectMany(static metric => new[] { "mlx5_0", "mlx5_1" }.Select(device => new RecordedSeries(metric, [new("device", device), new("port", "1")], 0))),
        new("gpu_service_active", [new("service", "nvidia-fabricmanager")], 0),
    ]);

    private double[] NodeValues() => [Devices, 8, .. Gpus.Select(static gpu => gpu.StuckSeconds), 1, PortUp, 0, PortDowned, 3, 5, 0, 0, FabricManagerActive];
}
