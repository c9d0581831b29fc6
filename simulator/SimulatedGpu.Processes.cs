using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <content>Processes that use a GPU.</content>
public sealed partial class SimulatedGpu
{
    /// <summary>Pids of the processes that run on the GPU.</summary>
    public IReadOnlyList<uint> ProcessIds
    {
        get
        {
            lock (_node.Gate)
            {
                var pids = new List<uint>();
                for (var index = 0; index < State.ProcessCount; index++)
                    if (State.Processes[index].IsRunning == 1) pids.Add(State.Processes[index].Pid);
                return pids;
            }
        }
    }

    /// <summary>Starts a process on the GPU, or changes the one with this pid.</summary>
    public void SetProcess(uint pid, ulong memoryBytes, string name, ProcessKind kind = ProcessKind.Compute, uint gpuInstanceId = uint.MaxValue, uint computeInstanceId = uint.MaxValue) => Write((ref state) =>
    {
        var index = IndexOf(pid, state);
        if (index < 0)
        {
            if (state.ProcessCount == StateFile.ProcessLimit)
                throw new InvalidOperationException($"GPU {Index} has {StateFile.ProcessLimit} processes already");
            index = (int)state.ProcessCount++;
            state.Processes[index] = new ProcessState { Pid = pid, StartedMicroseconds = _node.Now() };
        }
        ref var process = ref state.Processes[index];
        process.IsRunning = 1;
        process.Kinds = (uint)kind;
        process.MemoryBytes = memoryBytes;
        process.MemoryMaxBytes = Math.Max(process.MemoryMaxBytes, memoryBytes);
        process.GpuInstanceId = gpuInstanceId;
        process.ComputeInstanceId = computeInstanceId;
        StateText.Set(process.Name, name);
    });

    /// <summary>Ends a process; the list closes up behind it.</summary>
    public void EndProcess(uint pid) => Write((ref state) =>
    {
        var index = IndexOf(pid, state);
        if (index < 0) return;
        Span<ProcessState> processes = state.Processes;
        processes[(index + 1)..(int)state.ProcessCount].CopyTo(processes[index..]);
        state.ProcessCount--;
    });

    /// <summary>Memory of a process; null if it does not run here.</summary>
    public ulong? ProcessMemoryBytes(uint pid)
    {
        lock (_node.Gate)
        {
            var index = IndexOf(pid, State);
            return index < 0 ? null : State.Processes[index].MemoryBytes;
        }
    }

    /// <summary>Adds memory to a process, up to what the board has.</summary>
    internal ulong GrowProcess(uint pid, ulong bytes)
    {
        ulong grown = 0;
        Write((ref state) =>
        {
            var index = IndexOf(pid, state);
            if (index < 0) return;
            var most = (ulong)(state.MemoryTotalBytes * 0.985);
            ref var memory = ref state.Processes[index].MemoryBytes;
            grown = memory >= most ? 0 : Math.Min(bytes, most - memory);
            memory += grown;
        });
        return grown;
    }

    /// <summary>Takes memory from a process again.</summary>
    internal void ShrinkProcess(uint pid, ulong bytes) => Write((ref state) =>
    {
        var index = IndexOf(pid, state);
        if (index >= 0) state.Processes[index].MemoryBytes -= Math.Min(bytes, state.Processes[index].MemoryBytes);
    });

    private static int IndexOf(uint pid, in GpuState state)
    {
        for (var index = 0; index < (int)state.ProcessCount; index++)
            if (state.Processes[index].Pid == pid) return index;
        return -1;
    }
}
