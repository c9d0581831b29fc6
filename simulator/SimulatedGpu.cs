using System.Runtime.CompilerServices;
using Monitoring.Simulator.Model;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <summary>
/// One GPU of a simulated node. A reading that is set stays as it was set: the model leaves it alone until
/// <see cref="Release"/>. Null stands for a reading that the GPU does not have.
/// </summary>
public sealed partial class SimulatedGpu
{
    private readonly SimulatedNode _node;
    private GpuReadings _pins;

    internal SimulatedGpu(SimulatedNode node, int index)
    {
        _node = node;
        Index = index;
        Model = new GpuModel(node.Profile.Simulation, ((ulong)(uint)node.Seed << 32) + (ulong)index + 0x5eed, State);
    }

    /// <summary>Index of the GPU in its node.</summary>
    public int Index { get; }

    /// <summary>UUID as clients see it.</summary>
    public string Uuid => StateText.Get(State.Uuid);

    /// <summary>Power in mW, average and instantaneous.</summary>
    public uint? PowerMilliwatts
    {
        get => Read(State.PowerMilliwatts);
        set => Pin(GpuReadings.Power, (ref state) => state.PowerMilliwatts = state.PowerInstantMilliwatts = value ?? Absent.Value);
    }

    /// <summary>Enforced power limit in mW.</summary>
    public uint? PowerLimitMilliwatts
    {
        get => Read(State.PowerLimitEnforcedMilliwatts);
        set => Write((ref state) => state.PowerLimitEnforcedMilliwatts = state.PowerLimitMilliwatts = value ?? Absent.Value);
    }

    /// <summary>Energy since the driver was loaded, in mJ.</summary>
    public ulong? EnergyMillijoules
    {
        get => State.EnergyMillijoules == Absent.Wide ? null : State.EnergyMillijoules;
        set => Write((ref state) => state.EnergyMillijoules = value ?? Absent.Wide);
    }

    /// <summary>Temperature of the GPU; setting it moves the margin to the slowdown too.</summary>
    public int? TemperatureCelsius
    {
        get => Read(State.TemperatureCelsius);
        set => Pin(GpuReadings.Temperature, (ref state) =>
        {
            state.TemperatureCelsius = value ?? Absent.Signed;
            if (state.TemperatureMarginCelsius != Absent.Signed)
                state.TemperatureMarginCelsius = value is null ? Absent.Signed : (int)Math.Round(_node.Profile.Simulation.SoftSlowdownCelsius) - value.Value;
        });
    }

    /// <summary>Distance to the slowdown.</summary>
    public int? TemperatureMarginCelsius
    {
        get => Read(State.TemperatureMarginCelsius);
        set => Pin(GpuReadings.Temperature, (ref state) => state.TemperatureMarginCelsius = value ?? Absent.Signed);
    }

    /// <summary>Temperature of the memory.</summary>
    public int? MemoryTemperatureCelsius
    {
        get => Read(State.TemperatureMemoryCelsius);
        set => Pin(GpuReadings.MemoryTemperature, (ref state) => state.TemperatureMemoryCelsius = value ?? Absent.Signed);
    }

    /// <summary>Percent of time with any kernel.</summary>
    public uint? GpuUtilizationPercent
    {
        get => Read(State.Utilization[0]);
        set => Pin(GpuReadings.Utilization, (ref state) => state.Utilization[0] = value ?? Absent.Value);
    }

    /// <summary>Percent of time with any memory access.</summary>
    public uint? MemoryUtilizationPercent
    {
        get => Read(State.Utilization[1]);
        set => Pin(GpuReadings.Utilization, (ref state) => state.Utilization[1] = value ?? Absent.Value);
    }

    /// <summary>Used memory without the reserved part.</summary>
    public ulong MemoryUsedBytes
    {
        get => State.MemoryUsedBytes;
        set => Pin(GpuReadings.Memory, (ref state) => state.MemoryUsedBytes = value);
    }

    /// <summary>All memory of the board.</summary>
    public ulong MemoryTotalBytes => State.MemoryTotalBytes;

    /// <summary>Clock of graphics and multiprocessors in MHz.</summary>
    public uint? SmClockMegahertz
    {
        get => Read(State.ClockCurrent[ClocksPart.Sm]);
        set => Pin(GpuReadings.Clocks, (ref state) => state.ClockCurrent[ClocksPart.Sm] = state.ClockCurrent[ClocksPart.Graphics] = value ?? Absent.Value);
    }

    /// <summary>Reasons for low clocks as NVML's mask.</summary>
    public ulong ClockEventReasons
    {
        get => State.ClockEventReasons;
        set => Pin(GpuReadings.ClockEventReasons, (ref state) => state.ClockEventReasons = value);
    }

    /// <summary>Performance state 0 to 15.</summary>
    public uint? PerformanceState
    {
        get => Read(State.PerformanceState);
        set => Write((ref state) => state.PerformanceState = value ?? Absent.Value);
    }

    /// <summary>Nanoseconds that a policy kept clocks low, by its number in NVML (0 power, 1 thermal, ...).</summary>
    public void SetPolicyNanoseconds(int policy, ulong? nanoseconds) => Write((ref state) => state.PolicyNanoseconds[policy] = nanoseconds ?? Absent.Wide);

    /// <summary>GPM shares 0 to 1 in the order of NVML's metrics 1 to 13; null is a metric that the board lacks.</summary>
    public void SetGpmShare(int metric, double? share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(metric, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(metric, 13);
        Pin(GpuReadings.Gpm, (ref state) => state.GpmRate[metric - 1] = share ?? double.NaN);
    }

    /// <summary>Gives every reading that was set back to the model.</summary>
    public void Release()
    {
        lock (_node.Gate) _pins = GpuReadings.None;
    }

    internal GpuModel Model { get; }

    internal ref GpuState State => ref _node.State.Gpus[Index];

    internal SimulatedNode Node => _node;

    /// <summary>Changes the state under its sequence lock: a client sees all of the change or nothing.</summary>
    internal void Write(GpuChange change)
    {
        lock (_node.Gate)
        {
            ref var state = ref State;
            Volatile.Write(ref state.Sequence, state.Sequence + 1);
            Interlocked.MemoryBarrier();
            try
            {
                change(ref state);
                state.UpdatedMicroseconds = _node.Now();
            }
            finally
            {
                Interlocked.MemoryBarrier();
                Volatile.Write(ref state.Sequence, state.Sequence + 1);
            }
        }
    }

    internal void Step(double seconds, WorkloadPhase phase, double pace) => Write((ref state) => Model.Step(seconds, phase, pace, _pins, ref state));

    private void Pin(GpuReadings reading, GpuChange change)
    {
        lock (_node.Gate)
        {
            _pins |= reading;
            Write(change);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint? Read(uint value) => value == Absent.Value ? null : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int? Read(int value) => value == Absent.Signed ? null : value;
}

/// <summary>A change of one GPU's state.</summary>
internal delegate void GpuChange(ref GpuState state);
