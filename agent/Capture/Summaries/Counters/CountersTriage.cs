using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using static Monitoring.Contracts.Captures.SummaryNumbers;

namespace Monitoring.Agent.Capture.Summaries.Counters;

/// <summary>What the agent's metrics say of each captured GPU. Thresholds follow the shipped rules where there is one of the kind.</summary>
internal static class CountersTriage
{
    private const double BrakeShareAtMost = 0.01;
    private const double ThermalShareAtMost = 0.01;
    private const double SoftThermalShareAtMost = 0.10;
    private const double CapShareAtMost = 0.5; // a GPU at full load touches its limit
    private const double BusyAtLeast = 0.95;
    private const double WorkingAtLeast = 0.8;
    private const double IdleAtMost = 0.05;
    private const double StuckTensorAtMost = 0.02;
    private const double StuckMemoryAtMost = 0.05;
    private const double StuckPowerAtMost = 0.45; // of the limit: a spinning collective draws little
    private const double HeldMemoryAtLeast = 0.3;
    private const double StoppedAtMost = 0.2;
    private const double PeerClockAtLeast = 0.9;
    private const double PeerWorkAtLeast = 0.7;

    private const string Utilization = "gpu_utilization_ratio";
    private const string Tensor = "gpu_tensor_active_ratio";
    private const string Dram = "gpu_dram_active_ratio";
    private const string MemoryUtilization = "gpu_memory_utilization_ratio";
    private const string Power = "gpu_power_watts";
    private const string PowerLimit = "gpu_power_limit_watts";
    private const string MemoryUsed = "gpu_memory_used_bytes";
    private const string MemoryTotal = "gpu_memory_total_bytes";
    private const string Temperature = """gpu_temperature_celsius{sensor="gpu"}""";
    private const string Clock = """gpu_clock_hertz{domain="sm"}""";

    private static readonly Func<GpuMeans, TriageFinding?>[] Rules = [PowerBraked, ThermalSlowdown, HardwareSlowdown, StuckCollective, Straggler, WorkStopped, IdleWithMemory, PowerCapped];

    /// <summary>What stands out, the weightiest kind first; one finding that says so where nothing does.</summary>
    internal static IReadOnlyList<TriageFinding> Of(IReadOnlyList<CounterMeans> rows)
    {
        var gpus = rows.Where(static row => row.Gpu is not null).GroupBy(static row => row.Gpu!.Value).OrderBy(static rows => rows.Key).Select(static rows => new GpuMeans(rows.Key, rows)).ToList();
        var findings = Rules.SelectMany(rule => gpus.Select(rule)).OfType<TriageFinding>().ToList();
        if (findings.Count == 0)
            findings.Add(new TriageFinding(TriageCodes.Unremarkable, gpus.Count == 0 ? "No metric of a GPU was measured." : "Nothing stands out.", []));
        return findings;
    }

    private static TriageFinding? PowerBraked(GpuMeans gpu) => gpu.During(Throttle("hw_power_brake")) is not { } share || share <= BrakeShareAtMost ? null : new TriageFinding(
        TriageCodes.PowerBraked, $"GPU {gpu.Index} was braked {Percent(share)} of the time by the server's power supply: its slot, supply or chassis cannot give what it needs.",
        [gpu.Value(Throttle("hw_power_brake"), BrakeShareAtMost), gpu.Value(Power)]);

    private static TriageFinding? ThermalSlowdown(GpuMeans gpu)
    {
        var hardware = gpu.During(Throttle("hw_thermal")) ?? 0;
        var software = gpu.During(Throttle("sw_thermal")) ?? 0;
        if (hardware <= ThermalShareAtMost && software <= SoftThermalShareAtMost) return null;
        var words = $"GPU {gpu.Index} was slowed by heat {Percent(Math.Max(hardware, software))} of the time" + (gpu.During(Temperature) is { } celsius ? $", at {Plain(celsius)} degrees Celsius on average." : ".");
        return new TriageFinding(TriageCodes.ThermalSlowdown, words,
            [gpu.Value(Throttle("hw_thermal"), ThermalShareAtMost), gpu.Value(Throttle("sw_thermal"), SoftThermalShareAtMost), gpu.Value(Temperature)]);
    }

    private static TriageFinding? HardwareSlowdown(GpuMeans gpu) =>
        gpu.During(Throttle("hw_slowdown")) is not { } share || share <= BrakeShareAtMost
        || gpu.During(Throttle("hw_power_brake")) > BrakeShareAtMost || gpu.During(Throttle("hw_thermal")) > ThermalShareAtMost ? null : new TriageFinding(
            TriageCodes.HardwareSlowdown, $"GPU {gpu.Index} was slowed by its hardware {Percent(share)} of the time; the driver does not say whether by heat or by power.",
            [gpu.Value(Throttle("hw_slowdown"), BrakeShareAtMost)]);

    private static TriageFinding? StuckCollective(GpuMeans gpu)
    {
        if (gpu.During(Utilization) is not { } busy || busy < BusyAtLeast || gpu.During(Power) is not { } watts || gpu.During(PowerLimit) is not { } limit || watts > StuckPowerAtMost * limit) return null;
        // Tensor cores and memory say it best; boards without these counters have the driver's memory utilisation.
        var memory = gpu.During(Dram) is null ? MemoryUtilization : Dram;
        if (gpu.During(Tensor) is not null and not < StuckTensorAtMost || gpu.During(memory) is not < StuckMemoryAtMost) return null;
        var words = $"GPU {gpu.Index} counts as {Percent(busy)} busy while it draws {Plain(watts)} of {Plain(limit)} W and hardly touches its memory"
            + (gpu.During(Tensor) is null ? "" : " and tensor cores") + ": a kernel spins, such as a collective whose peers do not come.";
        return new TriageFinding(TriageCodes.StuckCollective, words,
            [gpu.Value(Utilization, BusyAtLeast), gpu.Value(Power, StuckPowerAtMost * limit), gpu.Value(Tensor, StuckTensorAtMost), gpu.Value(memory, StuckMemoryAtMost)]);
    }

    private static TriageFinding? Straggler(GpuMeans gpu)
    {
        if (gpu.During(Utilization) is not { } busy || busy < WorkingAtLeast) return null;
        if (Behind(gpu, Clock, PeerClockAtLeast) is { } clock)
            return new TriageFinding(TriageCodes.Straggler, $"GPU {gpu.Index} ran at {Plain(clock.Own / 1e6)} MHz under load, its neighbours at {Plain(clock.Peers / 1e6)} MHz: the others wait for it.",
                [gpu.Value(Clock, PeerClockAtLeast * clock.Peers), new EventValue("peers:" + Clock, clock.Peers)]);
        if (Behind(gpu, Tensor, PeerWorkAtLeast) is { } tensor && tensor.Peers >= StoppedAtMost)
            return new TriageFinding(TriageCodes.Straggler, $"The tensor cores of GPU {gpu.Index} were active {Percent(tensor.Own)} of the time, those of its neighbours {Percent(tensor.Peers)}.",
                [gpu.Value(Tensor, PeerWorkAtLeast * tensor.Peers), new EventValue("peers:" + Tensor, tensor.Peers)]);
        return null;
    }

    /// <summary>Memory in use and nothing done, before and during alike: somebody holds the GPU.</summary>
    private static TriageFinding? IdleWithMemory(GpuMeans gpu)
    {
        if (gpu.During(Utilization) is not { } busy || busy > IdleAtMost || gpu.Find(Utilization)?.Before > IdleAtMost) return null;
        if (gpu.During(MemoryUsed) is not { } used || gpu.During(MemoryTotal) is not { } total || total <= 0 || used < HeldMemoryAtLeast * total) return null;
        return new TriageFinding(TriageCodes.IdleWithMemory, $"GPU {gpu.Index} did nothing ({Percent(busy)} busy) while programs held {Bytes(used)} of its {Bytes(total)}.",
            [gpu.Value(Utilization, IdleAtMost), gpu.Value(MemoryUsed, HeldMemoryAtLeast * total)]);
    }

    /// <summary>It worked before the capture and then hardly did.</summary>
    private static TriageFinding? WorkStopped(GpuMeans gpu) =>
        gpu.Find(Utilization) is not { Before: >= WorkingAtLeast and var before, During: <= StoppedAtMost and var during } ? null : new TriageFinding(
            TriageCodes.GpuIdle, $"GPU {gpu.Index} was {Percent(before)} busy before and {Percent(during)} while it was recorded: the work stopped.", [gpu.Value(Utilization, StoppedAtMost)]);

    private static TriageFinding? PowerCapped(GpuMeans gpu) => gpu.During(Throttle("sw_power_cap")) is not { } share || share < CapShareAtMost ? null : new TriageFinding(
        TriageCodes.PowerCapped, $"GPU {gpu.Index} was held down by its power limit {Percent(share)} of the time" + (gpu.During(PowerLimit) is { } limit ? $", which is {Plain(limit)} W." : "."),
        [gpu.Value(Throttle("sw_power_cap"), CapShareAtMost), gpu.Value(Power), gpu.Value(PowerLimit)]);

    private static (double Own, double Peers)? Behind(GpuMeans gpu, string metric, double part) =>
        gpu.Find(metric) is { During: { } own, Peers: { } peers } && peers > 0 && own < part * peers ? (own, peers) : null;

    private static string Throttle(string reason) => $$"""gpu_throttle_active{reason="{{reason}}"}""";

    /// <summary>The metrics of one GPU.</summary>
    private sealed class GpuMeans(int index, IEnumerable<CounterMeans> rows)
    {
        private readonly Dictionary<string, CounterMeans> rows = rows.GroupBy(static row => row.Metric, StringComparer.Ordinal).ToDictionary(static rows => rows.Key, static rows => rows.First(), StringComparer.Ordinal);

        internal int Index { get; } = index;

        internal CounterMeans? Find(string metric) => rows.GetValueOrDefault(metric);

        internal double? During(string metric) => Find(metric)?.During;

        internal EventValue Value(string metric, double? threshold = null) => new(metric, During(metric), threshold);
    }
}
