using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>How a board behaves under load: what the model needs beyond what the driver reports.</summary>
internal sealed record SimulationProfile
{
    public required Workload Workload { get; init; }

    /// <summary>Power with nothing to do.</summary>
    public required double IdleMilliwatts { get; init; }

    /// <summary>Power under full load at full clocks.</summary>
    public required double LoadMilliwatts { get; init; }

    /// <summary>Temperature without any power, which is the cooling air or water.</summary>
    public required double AmbientCelsius { get; init; }

    public required double CelsiusPerWatt { get; init; }

    /// <summary>Time constant of the heat sink.</summary>
    public required double ThermalSeconds { get; init; }

    public required double MemoryIdleCelsius { get; init; }

    public required double MemoryLoadCelsius { get; init; }

    /// <summary>How much the hot spot is above the reported temperature under full load; the margin counts from the hot spot.</summary>
    public required double HotSpotCelsius { get; init; }

    /// <summary>Where the software begins to lower clocks.</summary>
    public required double SoftSlowdownCelsius { get; init; }

    /// <summary>Where the hardware halves clocks.</summary>
    public required double HardSlowdownCelsius { get; init; }

    public required uint IdleClockMegahertz { get; init; }

    public required uint IdleVideoClockMegahertz { get; init; }

    /// <summary>GPM shares under full load, by place; NaN where the board has no such metric.</summary>
    public required IReadOnlyList<double> GpmAtLoad { get; init; }

    /// <summary>Utilisation of GPU and memory under full load, 0 to 1.</summary>
    public required double GpuBusyAtLoad { get; init; }

    public required double MemoryBusyAtLoad { get; init; }

    /// <summary>Share of NVLink bandwidth that the load uses at its peak.</summary>
    public required double NvlinkShareAtLoad { get; init; }

    public required double PcieMebibytesPerSecondAtLoad { get; init; }

    /// <summary>Share of the memory that the workload's process holds.</summary>
    public required double MemoryShareAtLoad { get; init; }

    public required string ProcessName { get; init; }

    private static readonly (string Key, GpmRate Rate, double AtLoad)[] GpmKeys =
    [
        ("graphics", GpmRate.Graphics, 0.99), ("sm", GpmRate.Sm, 0.93), ("sm_occupancy", GpmRate.SmOccupancy, 0.35), ("integer", GpmRate.Integer, 0.18),
        ("any_tensor", GpmRate.AnyTensor, 0.55), ("dfma_tensor", GpmRate.DfmaTensor, 0), ("hmma_tensor", GpmRate.HmmaTensor, 0.55), ("dmma_tensor", GpmRate.DmmaTensor, 0),
        ("imma_tensor", GpmRate.ImmaTensor, 0), ("dram_bandwidth", GpmRate.DramBandwidth, 0.42), ("fp64", GpmRate.Fp64, 0), ("fp32", GpmRate.Fp32, 0.12), ("fp16", GpmRate.Fp16, 0.06),
    ];

    public static SimulationProfile Read(ProfileSection simulation, in GpuState state)
    {
        var idle = state.PowerMilliwatts == Absent.Value ? 50_000 : state.PowerMilliwatts;
        var limit = state.PowerLimitEnforcedMilliwatts == Absent.Value ? 300_000 : state.PowerLimitEnforcedMilliwatts;
        var temperature = state.TemperatureCelsius == Absent.Signed ? 35 : state.TemperatureCelsius;
        var maximum = Threshold(state, 3, 85);
        var power = simulation.Section("power");
        var idleMilliwatts = power.Number("idle_mw", idle, 0, 1e8);
        var loadMilliwatts = power.Number("load_mw", Math.Max(idle, limit * 0.9), 0, 1e8);
        var thermal = simulation.Section("thermal");
        // Without facts the load ends 15 degrees below the highest operating temperature.
        var perWatt = thermal.Number("celsius_per_watt", Math.Max(0.01, (maximum - 15 - temperature) / Math.Max(1, (loadMilliwatts - idleMilliwatts) / 1000)), 0.0001, 100);
        var memory = state.TemperatureMemoryCelsius == Absent.Signed ? temperature : state.TemperatureMemoryCelsius;
        var traffic = simulation.Section("traffic_at_load");
        var busy = simulation.Section("utilization_at_load");
        return new SimulationProfile
        {
            Workload = ReadWorkload(simulation, state),
            IdleMilliwatts = idleMilliwatts,
            LoadMilliwatts = loadMilliwatts,
            AmbientCelsius = thermal.Number("ambient_c", temperature - idleMilliwatts / 1000 * perWatt, -50, 100),
            CelsiusPerWatt = perWatt,
            ThermalSeconds = thermal.Number("seconds", 12, 0.1, 10_000),
            MemoryIdleCelsius = thermal.Number("memory_idle_c", memory, -50, 200),
            MemoryLoadCelsius = thermal.Number("memory_load_c", memory + 12, -50, 200),
            HotSpotCelsius = thermal.Number("hot_spot_c", 0, 0, 50),
            SoftSlowdownCelsius = thermal.Number("soft_slowdown_c", maximum, 0, 200),
            HardSlowdownCelsius = thermal.Number("hard_slowdown_c", Threshold(state, 1, maximum + 3), 0, 200),
            IdleClockMegahertz = state.ClockCurrent[ClocksPart.Graphics],
            IdleVideoClockMegahertz = state.ClockCurrent[ClocksPart.Video],
            GpmAtLoad = ReadGpm(simulation.Section("gpm_at_load")),
            GpuBusyAtLoad = busy.Number("gpu", 1, 0, 1),
            MemoryBusyAtLoad = busy.Number("memory", 0.4, 0, 1),
            NvlinkShareAtLoad = traffic.Number("nvlink_share", 0.4, 0, 1),
            PcieMebibytesPerSecondAtLoad = traffic.Number("pcie_mib_per_second", 6000, 0, 1e6),
            MemoryShareAtLoad = simulation.Number("memory_share_at_load", 0.8, 0, 0.95),
            ProcessName = simulation.Text("process_name", "/usr/bin/python3", 127),
        };
    }

    private static double Threshold(in GpuState state, int index, double otherwise) =>
        state.TemperatureThresholdsCelsius[index] == Absent.Value ? otherwise : state.TemperatureThresholdsCelsius[index];

    private static double[] ReadGpm(ProfileSection section)
    {
        var rates = new double[(int)GpmRate.End];
        foreach (var (key, rate, atLoad) in GpmKeys) rates[(int)rate] = section.Number(key, atLoad, 0, 1);
        return rates;
    }

    /// <summary>A workload by name, or the phases themselves; without either, what the profile's utilisation says.</summary>
    private static Workload ReadWorkload(ProfileSection simulation, in GpuState state)
    {
        var constant = state.Utilization[0] == Absent.Value ? 0 : state.Utilization[0] / 100.0;
        var still = constant == 0 ? Workload.Idle : new Workload(false, [new WorkloadPhase("constant", 3600, constant, constant, constant)]);
        var named = simulation.OneOf("workload", still, still, ("idle", Workload.Idle), ("training", Workload.Training), ("inference", Workload.Inference));
        var phases = simulation.Items("phases").Select(item => new WorkloadPhase(
            item.Text("name", "phase"),
            item.Number("seconds", 1, 0.01, 86_400),
            item.Number("activity", 1, 0, 1),
            item.Number("nvlink", 0, 0, 1),
            item.Number("pcie", 0, 0, 1))).ToList();
        return phases.Count == 0 ? named : new Workload(simulation.Mode("synchronous", 1) == 1, phases);
    }
}
