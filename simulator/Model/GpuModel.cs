using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Model;

/// <summary>One GPU over time: activity makes power, power makes heat, heat lowers clocks, and everything counts.</summary>
internal sealed class GpuModel
{
    private const double ActivitySeconds = 0.15;
    private const double AveragePowerSeconds = 1;
    private const double MemoryThermalFactor = 1.5;
    private const double ActivityNoise = 0.02;
    private const double PowerNoise = 0.008;
    private const uint ClockStepMegahertz = 15;

    private readonly SimulationProfile _profile;
    private readonly DeterministicNoise _noise;
    private readonly TrafficModel _traffic;
    private readonly MemoryModel _memory;
    private double _activity, _averageMilliwatts, _energyRemainder, _celsius, _memoryCelsius;
    private double _sampleSeconds;

    public GpuModel(SimulationProfile profile, ulong seed, in GpuState state)
    {
        _profile = profile;
        _noise = new DeterministicNoise(seed);
        _traffic = new TrafficModel(profile);
        _memory = new MemoryModel(state);
        Throttle = new ThrottleModel(profile);
        _averageMilliwatts = state.PowerMilliwatts == Absent.Value ? profile.IdleMilliwatts : state.PowerMilliwatts;
        _celsius = state.TemperatureCelsius == Absent.Signed ? profile.AmbientCelsius : state.TemperatureCelsius;
        _memoryCelsius = profile.MemoryIdleCelsius;
    }

    public GpuConditions Conditions { get; } = new();

    public ThrottleModel Throttle { get; }

    /// <summary>Work per second relative to a healthy GPU at full clocks.</summary>
    public double Speed => Throttle.ClockShare * Conditions.Speed;

    /// <summary>Moves on by a step short against every time constant (50 ms).</summary>
    /// <param name="seconds">Length of the step.</param>
    /// <param name="phase">What the workload does now.</param>
    /// <param name="pace">Speed of the slowest GPU that this one must wait for; this GPU's own speed if it waits for none.</param>
    /// <param name="pins">Readings that tests hold.</param>
    /// <param name="state">The readings.</param>
    public void Step(double seconds, WorkloadPhase phase, double pace, GpuReadings pins, ref GpuState state)
    {
        // A GPU that is faster than the slowest one waits for it at every collective.
        var share = Math.Min(1, pace / Math.Max(0.01, Speed));
        var target = phase.Activity <= 0 ? 0 : Math.Clamp(phase.Activity * share + _noise.Next() * ActivityNoise, 0, 1);
        _activity += (target - _activity) * Math.Min(1, seconds / ActivitySeconds);
        if (_activity < 0.001) _activity = 0;

        // A straggler does its work with fewer units or slower memory: busy all the time, and cooler.
        var effective = _activity * Conditions.Speed;
        double limit = state.PowerLimitEnforcedMilliwatts == Absent.Value ? double.MaxValue : state.PowerLimitEnforcedMilliwatts;
        var hotSpot = (pins.HasFlag(GpuReadings.Temperature) ? state.TemperatureCelsius : _celsius) + _profile.HotSpotCelsius * _activity;
        Throttle.Step(seconds, hotSpot, effective, limit, Conditions.PowerBrake);
        var instant = Throttle.DemandMilliwatts(effective, Throttle.ClockShare) * (1 + _noise.Next() * PowerNoise);
        if (pins.HasFlag(GpuReadings.Power)) instant = _averageMilliwatts = state.PowerMilliwatts == Absent.Value ? 0 : state.PowerMilliwatts;
        _averageMilliwatts += (instant - _averageMilliwatts) * Math.Min(1, seconds / AveragePowerSeconds);
        var settled = _profile.AmbientCelsius + _profile.CelsiusPerWatt * Conditions.HeatResistance * instant / 1000;
        _celsius += (settled - _celsius) * Math.Min(1, seconds / _profile.ThermalSeconds);
        var memorySettled = _profile.MemoryIdleCelsius + (_profile.MemoryLoadCelsius - _profile.MemoryIdleCelsius) * _activity + (Conditions.HeatResistance - 1) * 10;
        _memoryCelsius += (memorySettled - _memoryCelsius) * Math.Min(1, seconds / (_profile.ThermalSeconds * MemoryThermalFactor));

        WritePowerAndHeat(seconds, instant, hotSpot, pins, ref state);
        WriteClocks(seconds, pins, ref state);
        WriteUse(seconds, phase, effective, pins, ref state);
        WriteSample(seconds, ref state);
        state.ElapsedNanoseconds += (ulong)Math.Round(seconds * 1e9);
    }

    /// <summary>Lets time pass over readings that come from elsewhere: what is counted or kept over time goes on.</summary>
    internal void Hold(double seconds, ref GpuState state)
    {
        GpmModel.Integrate(state.GpmRate, state.GpmIntegral, seconds);
        WriteSample(seconds, ref state);
        state.ElapsedNanoseconds += (ulong)Math.Round(seconds * 1e9);
    }

    private void WritePowerAndHeat(double seconds, double instant, double hotSpot, GpuReadings pins, ref GpuState state)
    {
        if (state.PowerMilliwatts != Absent.Value && !pins.HasFlag(GpuReadings.Power))
        {
            state.PowerMilliwatts = (uint)Math.Round(_averageMilliwatts);
            state.PowerInstantMilliwatts = (uint)Math.Round(instant);
        }
        if (state.EnergyMillijoules != Absent.Wide)
        {
            _energyRemainder += instant * seconds;
            state.EnergyMillijoules += (ulong)_energyRemainder;
            _energyRemainder -= Math.Floor(_energyRemainder);
        }
        if (!pins.HasFlag(GpuReadings.Temperature))
        {
            if (state.TemperatureCelsius != Absent.Signed) state.TemperatureCelsius = (int)Math.Round(_celsius);
            if (state.TemperatureMarginCelsius != Absent.Signed) state.TemperatureMarginCelsius = (int)Math.Round(_profile.SoftSlowdownCelsius - hotSpot);
        }
        if (state.TemperatureMemoryCelsius != Absent.Signed && !pins.HasFlag(GpuReadings.MemoryTemperature))
            state.TemperatureMemoryCelsius = (int)Math.Round(_memoryCelsius);
        if (state.FanCount is 0 or Absent.Value) return;
        Span<uint> fans = state.FanPercent, targets = state.FanTargetPercent, speeds = state.FanRpm;
        var percent = (uint)Math.Clamp(30 + (_celsius - 40) * 1.6, 30, 100);
        for (var fan = 0; fan < state.FanCount; fan++) (fans[fan], targets[fan], speeds[fan]) = (percent, percent, percent * 45);
    }

    private void WriteClocks(double seconds, GpuReadings pins, ref GpuState state)
    {
        if (!pins.HasFlag(GpuReadings.ClockEventReasons)) state.ClockEventReasons = (ulong)Throttle.Reasons;
        var nanoseconds = (ulong)Math.Round(seconds * 1e9);
        var reasons = (ClockEventReason)state.ClockEventReasons;
        void Count(ref ulong counter, ClockEventReason any)
        {
            if ((reasons & any) != 0 && counter != Absent.Wide) counter += nanoseconds;
        }
        Count(ref state.PolicyNanoseconds[0], ClockEventReason.SoftwarePowerCap);
        Count(ref state.PolicyNanoseconds[1], ClockEventReason.SoftwareThermal | ClockEventReason.HardwareThermal);
        Count(ref state.PolicyNanoseconds[3], ClockEventReason.HardwarePowerBrake);
        Count(ref state.PolicyNanoseconds[4], ClockEventReason.Idle);
        Count(ref state.EventReasonNanoseconds[0], ClockEventReason.SoftwareThermal);
        Count(ref state.EventReasonNanoseconds[1], ClockEventReason.HardwareThermal);
        Count(ref state.EventReasonNanoseconds[2], ClockEventReason.HardwarePowerBrake);
        if (pins.HasFlag(GpuReadings.Clocks)) return;
        var idle = _activity == 0 && !Conditions.PowerBrake;
        state.ClockCurrent[ClocksPart.Graphics] = state.ClockCurrent[ClocksPart.Sm] = Clock(idle, _profile.IdleClockMegahertz, state.ClockMax[ClocksPart.Graphics]);
        state.ClockCurrent[ClocksPart.Video] = Clock(idle, _profile.IdleVideoClockMegahertz, state.ClockMax[ClocksPart.Video]);
    }

    /// <summary>GPU clocks move in steps of 15 MHz.</summary>
    private uint Clock(bool idle, uint lowest, uint highest)
    {
        if (lowest == Absent.Value || highest == Absent.Value) return Absent.Value;
        if (idle) return lowest;
        var wanted = highest * Throttle.ClockShare;
        return wanted >= highest ? highest : Math.Max(Math.Min(lowest, highest), (uint)(wanted / ClockStepMegahertz) * ClockStepMegahertz);
    }

    private void WriteUse(double seconds, WorkloadPhase phase, double effective, GpuReadings pins, ref GpuState state)
    {
        if (!pins.HasFlag(GpuReadings.Utilization))
        {
            // Waiting at a collective keeps a kernel resident: the GPU looks busy, only the finer ratios tell.
            var busy = phase.Activity > 0.3 ? Math.Max(_activity, phase.Activity) * _profile.GpuBusyAtLoad : _activity * _profile.GpuBusyAtLoad;
            if (state.Utilization[0] != Absent.Value) state.Utilization[0] = Percent(_activity == 0 ? 0 : busy);
            if (state.Utilization[1] != Absent.Value) state.Utilization[1] = Percent(effective * _profile.MemoryBusyAtLoad);
        }
        _memory.Step(pins, ref state);
        _traffic.Step(seconds, phase, _activity, Conditions, pins, ref state);
        GpmModel.Step(_profile, _activity, effective * Throttle.ClockShare, seconds, pins, ref state);
    }

    private static uint Percent(double share) => (uint)Math.Clamp(Math.Round(share * 100), 0, 100);

    /// <summary>Ten entries per second for nvmlDeviceGetSamples.</summary>
    private void WriteSample(double seconds, ref GpuState state)
    {
        _sampleSeconds += seconds;
        if (_sampleSeconds < 0.1 - 1e-9) return;
        _sampleSeconds = 0;
        ref var sample = ref state.Samples[(int)(state.SampleCount % StateFile.SampleLimit)];
        sample.Microseconds = state.UpdatedMicroseconds;
        Span<uint> values = sample.Values;
        values[0] = state.PowerInstantMilliwatts;
        for (var engine = 0; engine < 4; engine++) values[1 + engine] = state.Utilization[engine];
        values[5] = state.ClockCurrent[ClocksPart.Sm];
        values[6] = state.ClockCurrent[ClocksPart.Memory];
        values[7] = Absent.Value;
        (values[8], values[9]) = (state.Utilization[4], state.Utilization[5]);
        state.SampleCount++;
    }
}
