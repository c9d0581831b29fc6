using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Model;

/// <summary>Memory of the GPU and of its MIG devices follows the processes that hold it.</summary>
internal sealed class MemoryModel
{
    /// <summary>What the driver itself keeps per context.</summary>
    private const ulong DriverBytes = 3ul << 20;

    private readonly ulong _othersBytes;
    private readonly ulong[] _instanceOthersBytes = new ulong[StateFile.MigLimit];

    /// <summary>Memory that the profile reports and no process accounts for stays.</summary>
    public MemoryModel(in GpuState state)
    {
        _othersBytes = Rest(state.MemoryUsedBytes, HeldBytes(state, null));
        for (var index = 0; index < StateFile.MigLimit; index++)
            _instanceOthersBytes[index] = Rest(state.Mig[index].MemoryUsedBytes, HeldBytes(state, state.Mig[index].GpuInstanceId));
    }

    public void Step(GpuReadings pins, ref GpuState state)
    {
        Span<ProcessState> processes = state.Processes;
        for (var index = 0; index < state.ProcessCount; index++)
        {
            ref var process = ref processes[index];
            process.MemoryMaxBytes = Math.Max(process.MemoryMaxBytes, process.MemoryBytes);
            var busiest = index == 0 && process.IsRunning == 1 && state.MigModeCurrent != 1;
            process.Utilization[0] = busiest && state.Utilization[0] != Absent.Value ? state.Utilization[0] : 0;
            process.Utilization[1] = busiest && state.Utilization[1] != Absent.Value ? state.Utilization[1] : 0;
        }
        if (pins.HasFlag(GpuReadings.Memory)) return;
        var held = HeldBytes(state, null);
        var room = state.MemoryTotalBytes - (state.MemoryReservedBytes == Absent.Wide ? 0 : state.MemoryReservedBytes);
        state.MemoryUsedBytes = Math.Min(room, _othersBytes + (held == 0 ? 0 : held + DriverBytes));
        if (state.MigModeCurrent != 1) return;
        Span<MigState> instances = state.Mig;
        for (var index = 0; index < instances.Length; index++)
            instances[index].MemoryUsedBytes = Math.Min(instances[index].MemoryTotalBytes, _instanceOthersBytes[index] + HeldBytes(state, instances[index].GpuInstanceId));
    }

    private static ulong Rest(ulong used, ulong held) => used == Absent.Wide || used < held ? 0 : used - held;

    private static ulong HeldBytes(in GpuState state, uint? gpuInstance)
    {
        ulong held = 0;
        for (var index = 0; index < (int)state.ProcessCount; index++)
        {
            var process = state.Processes[index];
            if (process.IsRunning == 1 && (gpuInstance is null || process.GpuInstanceId == gpuInstance)) held += process.MemoryBytes;
        }
        return held;
    }
}
