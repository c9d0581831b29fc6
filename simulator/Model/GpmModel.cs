using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Model;

/// <summary>GPM rates follow the load; their integrals are what two GPM samples are subtracted from.</summary>
internal static class GpmModel
{
    /// <param name="profile">The board.</param>
    /// <param name="activity">Share of time with any work.</param>
    /// <param name="work">Share of the full load's work that is done.</param>
    /// <param name="seconds">Length of the step.</param>
    /// <param name="pins">Readings that tests hold.</param>
    /// <param name="state">The readings.</param>
    public static void Step(SimulationProfile profile, double activity, double work, double seconds, GpuReadings pins, ref GpuState state)
    {
        if (!pins.HasFlag(GpuReadings.Gpm))
            for (var rate = 0; rate <= (int)GpmRate.Fp16; rate++)
                state.GpmRate[rate] = profile.GpmAtLoad[rate] * (rate == (int)GpmRate.Graphics ? activity : work);
        Integrate(state.GpmRate, state.GpmIntegral, seconds);
        if (state.MigModeCurrent != 1) return;
        Span<MigState> instances = state.Mig;
        for (var index = 0; index < instances.Length; index++)
        {
            ref var instance = ref instances[index];
            if (instance.Present == 0) continue;
            if (!pins.HasFlag(GpuReadings.Gpm)) Share(index == 0, state, ref instance);
            Integrate(instance.GpmRate, instance.GpmIntegral, seconds);
        }
    }

    /// <summary>The workload runs in the first instance; the others idle. NVLink does not exist in MIG mode.</summary>
    private static void Share(bool works, in GpuState state, ref MigState instance)
    {
        for (var rate = 0; rate < (int)GpmRate.End; rate++)
            instance.GpmRate[rate] = rate is (int)GpmRate.NvlinkReceive or (int)GpmRate.NvlinkTransmit ? double.NaN : works ? state.GpmRate[rate] : 0;
    }

    /// <summary>Lets time pass over rates that stay.</summary>
    internal static void Integrate(ReadOnlySpan<double> rates, Span<double> integrals, double seconds)
    {
        for (var rate = 0; rate < (int)GpmRate.End; rate++)
            if (!double.IsNaN(rates[rate])) integrals[rate] += rates[rate] * seconds;
    }
}
