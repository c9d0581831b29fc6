using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>Clocks in MHz, performance state, reasons for low clocks, and utilisation in percent.</summary>
internal static class ClocksPart
{
    public const int Graphics = 0;
    public const int Sm = 1;
    public const int Memory = 2;
    public const int Video = 3;

    /// <summary>Bits 0 to 8, as drivers up to R610 report.</summary>
    private const ulong AllReasons = 0x1ff;

    private static readonly (string Key, ulong Bit)[] Reasons =
    [
        ("gpu_idle", 0x1), ("applications_clocks_setting", 0x2), ("sw_power_cap", 0x4), ("hw_slowdown", 0x8), ("sync_boost", 0x10),
        ("sw_thermal_slowdown", 0x20), ("hw_thermal_slowdown", 0x40), ("hw_power_brake_slowdown", 0x80), ("display_clocks_setting", 0x100),
    ];

    public static void Read(ProfileSection gpu, ref GpuState state)
    {
        var clocks = gpu.Section("clocks");
        state.ClockMax[Graphics] = clocks.UInt("graphics_max", 1980, 10000);
        state.ClockMax[Sm] = clocks.UInt("sm_max", state.ClockMax[Graphics], 10000);
        state.ClockMax[Memory] = clocks.UInt("memory_max", 1593, 20000);
        state.ClockMax[Video] = clocks.UInt("video_max", Absent.Value, 10000);
        state.ClockCurrent[Graphics] = clocks.UInt("graphics_current", state.ClockMax[Graphics], 10000);
        state.ClockCurrent[Sm] = clocks.UInt("sm_current", state.ClockCurrent[Graphics], 10000);
        state.ClockCurrent[Memory] = clocks.UInt("memory_current", state.ClockMax[Memory], 20000);
        state.ClockCurrent[Video] = clocks.UInt("video_current", Absent.Value, 10000);
        Span<uint> application = state.ClockApplication, standard = state.ClockDefault, boost = state.ClockBoostMax;
        application.Fill(Absent.Value);
        standard.Fill(Absent.Value);
        boost.Fill(Absent.Value);
        application[Graphics] = application[Sm] = clocks.UInt("graphics_app", Absent.Value, 10000);
        application[Memory] = clocks.UInt("memory_app", Absent.Value, 20000);
        standard[Graphics] = standard[Sm] = clocks.UInt("graphics_app_default", Absent.Value, 10000);
        standard[Memory] = clocks.UInt("memory_app_default", Absent.Value, 20000);
        boost[Graphics] = boost[Sm] = state.ClockMax[Graphics];
        ReadSupported(gpu.Section("supported_clocks"), ref state);

        state.PerformanceState = gpu.OneOf("performance_state", 0u, Absent.Value, [.. Enumerable.Range(0, 16).Select(index => ($"P{index}", (uint)index))]);
        state.AdaptiveClock = 0;
        var reasons = gpu.Section("clocks_throttle_reasons");
        state.ClockEventReasonsSupported = AllReasons;
        foreach (var (key, bit) in Reasons)
            if (reasons.Mode(key, 0) == 1)
                state.ClockEventReasons |= bit;
        state.PolicyNanoseconds[10] = state.PolicyNanoseconds[11] = Absent.Wide;

        var utilization = gpu.Section("utilization");
        foreach (var (index, key) in (ReadOnlySpan<(int, string)>)[(0, "gpu"), (1, "memory"), (2, "encoder"), (3, "decoder"), (4, "jpeg"), (5, "ofa")])
            state.Utilization[index] = utilization.UInt(key, 0, 100);
        state.SamplingPeriodMicroseconds = 167_000;
        ReadSessions(gpu.Section("encoder_stats"), state.EncoderStats);
        ReadSessions(gpu.Section("fbc_stats"), state.CaptureStats);
    }

    private static void ReadSupported(ProfileSection supported, ref GpuState state)
    {
        Span<uint> memoryClocks = state.SupportedMemoryClocks, counts = state.GraphicsClockCounts, graphics = state.SupportedGraphicsClocks;
        var perMemoryClock = graphics.Length / memoryClocks.Length;
        foreach (var (index, item) in supported.Items("memory_clocks").Index())
        {
            if (index == memoryClocks.Length)
            {
                supported.Error("memory_clocks", $"at most {memoryClocks.Length} memory clocks");
                return;
            }
            memoryClocks[index] = item.UInt("freq_mhz", state.ClockMax[Memory], 20000);
            var list = Steps(item) is { Count: > 0 } steps ? steps : Listed(item);
            if (list.Count > perMemoryClock) item.Error("graphics_clocks", $"at most {perMemoryClock} clocks");
            counts[index] = (uint)Math.Min(list.Count, perMemoryClock);
            for (var i = 0; i < counts[index]; i++) graphics[index * perMemoryClock + i] = list[i];
            state.MemoryClockCount = (uint)index + 1;
        }
    }

    /// <summary>Clocks from the highest down, as the driver lists them.</summary>
    private static List<uint> Listed(ProfileSection item)
    {
        var list = new List<uint>();
        foreach (var (value, node) in item.Values("graphics_clocks"))
            if (uint.TryParse(value, out var clock) && clock is > 0 and <= 10000) list.Add(clock);
            else item.Document.Add(node, $"{item.Path}.graphics_clocks", value, "a clock from 1 to 10000 MHz");
        list.Sort((one, other) => other.CompareTo(one));
        return list;
    }

    private static List<uint> Steps(ProfileSection item)
    {
        if (!item.Has("graphics_clock_steps")) return [];
        var steps = item.Section("graphics_clock_steps");
        uint lowest = steps.UInt("from_mhz", 0, 10000), highest = steps.UInt("to_mhz", 0, 10000), step = Math.Max(1, steps.UInt("step_mhz", 15, 1000));
        var list = new List<uint>();
        for (var clock = (long)highest; clock >= lowest && clock > 0; clock -= step) list.Add((uint)clock);
        return list;
    }

    private static void ReadSessions(ProfileSection section, Span<uint> stats)
    {
        stats[0] = section.UInt("session_count", 0);
        stats[1] = section.UInt("average_fps", 0);
        stats[2] = section.UInt("average_latency_us", 0);
    }
}
