using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>Power in mW, energy, temperatures and fans.</summary>
internal static class PowerPart
{
    private const uint HighestPower = 100_000_000;
    private const int Shutdown = 0;
    private const int Slowdown = 1;
    private const int MemoryMaximum = 2;
    private const int GpuMaximum = 3;

    public static void Read(ProfileSection gpu, ref GpuState state)
    {
        var power = gpu.Section("power");
        var supported = power.Mode("management_supported", 1) == 1;
        _ = power.Mode("management_mode", 1);
        state.PowerLimitDefaultMilliwatts = supported ? power.UInt("default_limit_mw", 300_000, HighestPower) : Absent.Value;
        state.PowerLimitEnforcedMilliwatts = power.UInt("enforced_limit_mw", state.PowerLimitDefaultMilliwatts, HighestPower);
        state.PowerLimitMilliwatts = power.UInt("requested_limit_mw", state.PowerLimitEnforcedMilliwatts, HighestPower);
        state.PowerLimitMinMilliwatts = power.UInt("min_limit_mw", state.PowerLimitDefaultMilliwatts, HighestPower);
        state.PowerLimitMaxMilliwatts = power.UInt("max_limit_mw", state.PowerLimitDefaultMilliwatts, HighestPower);
        state.PowerMilliwatts = power.UInt("current_draw_mw", Absent.Value, HighestPower);
        state.PowerInstantMilliwatts = power.UInt("instant_draw_mw", state.PowerMilliwatts, HighestPower);
        state.EnergyMillijoules = power.Wide("total_energy_consumption_mj", 0);
        state.PowerSource = 0;
        _ = power.Text("power_state", ""); // the performance state under its old name

        var thermal = gpu.Section("thermal");
        state.TemperatureCelsius = thermal.Signed("temperature_gpu_c", 30, -50, 200);
        state.TemperatureMemoryCelsius = thermal.Signed("temperature_memory_c", Absent.Signed, -50, 200);
        Span<uint> thresholds = state.TemperatureThresholdsCelsius;
        thresholds.Fill(Absent.Value);
        thresholds[Shutdown] = thermal.UInt("shutdown_threshold_c", Absent.Value, 200);
        thresholds[Slowdown] = thermal.UInt("slowdown_threshold_c", Absent.Value, 200);
        thresholds[GpuMaximum] = thermal.UInt("max_operating_c", Absent.Value, 200);
        thresholds[MemoryMaximum] = thermal.UInt("memory_max_operating_c", Absent.Value, 200);
        _ = thermal.UInt("target_temperature_c", Absent.Value, 200); // no NVML call reports it on data-centre boards

        // Since Ada boards report limits relative to a margin, and the margin itself.
        Span<int> limits = state.TemperatureLimitsCelsius;
        limits.Fill(Absent.Signed);
        state.TemperatureMarginCelsius = Absent.Signed;
        _ = (thermal.Signed("memory_max_limit_c", 0, -100, 100), thermal.Signed("margin_c", 0, -200, 200));
        if (state.Architecture >= IdentityPart.Ada && thresholds[GpuMaximum] != Absent.Value)
        {
            var zero = (int)thresholds[GpuMaximum];
            if (thresholds[Shutdown] != Absent.Value) limits[0] = zero - (int)thresholds[Shutdown];
            if (thresholds[Slowdown] != Absent.Value) limits[1] = zero - (int)thresholds[Slowdown];
            limits[2] = thermal.Signed("memory_max_limit_c", 0, -100, 100);
            limits[3] = 0;
            state.TemperatureMarginCelsius = thermal.Signed("margin_c", zero - state.TemperatureCelsius, -200, 200);
        }

        var fan = gpu.Section("fan");
        state.FanCount = fan.UInt("count", 0, 8);
        Span<uint> percent = state.FanPercent, target = state.FanTargetPercent, speed = state.FanRpm;
        percent.Fill(fan.UInt("speed_percent", Absent.Value, 150));
        target.Fill(fan.UInt("target_speed_percent", Absent.Value, 150));
        speed.Fill(fan.UInt("speed_rpm", Absent.Value, 100_000));
    }
}
