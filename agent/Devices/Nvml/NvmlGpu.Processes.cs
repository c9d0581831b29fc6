namespace Monitoring.Agent.Devices.Nvml;

/// <summary>A process on a GPU.</summary>
/// <param name="Pid">Process id, in the agent's process-id namespace.</param>
/// <param name="UsedBytes">Device memory in use; null where the driver cannot say.</param>
internal readonly record struct GpuProcess(uint Pid, ulong? UsedBytes);

internal sealed unsafe partial class NvmlGpu
{
    private const int ProcessesAtFirst = 64;

    // A GPU with more processes than this is shown without a count.
    private const int ProcessesAtMost = 4096;

    private NvmlProcessInfo[] processBuffer = new NvmlProcessInfo[ProcessesAtFirst];
    private readonly List<GpuProcess> processes = new(ProcessesAtFirst);
    private Answer<bool> processList;

    /// <summary>Number of processes with a compute or graphics context, each counted once.</summary>
    internal double ProcessCount() => Processes() is { } list ? list.Count : double.NaN;

    /// <summary>The processes with a compute or graphics context; null where the driver does not say. Valid until the next tick.</summary>
    internal IReadOnlyList<GpuProcess>? Processes()
    {
        if (!Known(ref processList))
        {
            processes.Clear();
            var compute = AddProcesses(NvmlCall.DeviceGetComputeRunningProcesses_v3);
            var why = LastReturn;
            var graphics = AddProcesses(NvmlCall.DeviceGetGraphicsRunningProcesses_v3);
            _ = AddProcesses(NvmlCall.DeviceGetMPSComputeRunningProcesses_v3);
            processList.Value = compute || graphics;
            LastReturn = processList.Value ? NvmlReturn.Success : why;
            Keep(ref processList);
        }
        return processList.Value ? processes : null;
    }

    /// <summary>The name of a process as the driver knows it; empty where it does not say.</summary>
    internal string ProcessName(uint pid)
    {
        clock.Enter(NvmlCall.SystemGetProcessName);
        var name = nvml.ProcessName(pid);
        clock.Leave();
        return name;
    }

    private bool AddProcesses(NvmlCall call)
    {
        // The list can grow between the answer "too small" and the next call: three tries, each with room to spare.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (!Ask(call)) return false;
            var count = (uint)processBuffer.Length;
            NvmlReturn code;
            fixed (NvmlProcessInfo* buffer = processBuffer)
                code = call switch
                {
                    NvmlCall.DeviceGetComputeRunningProcesses_v3 => NvmlImports.nvmlDeviceGetComputeRunningProcesses_v3(device, ref count, buffer),
                    NvmlCall.DeviceGetGraphicsRunningProcesses_v3 => NvmlImports.nvmlDeviceGetGraphicsRunningProcesses_v3(device, ref count, buffer),
                    _ => NvmlImports.nvmlDeviceGetMPSComputeRunningProcesses_v3(device, ref count, buffer),
                };
            if (code == NvmlReturn.InsufficientSize && processBuffer.Length < ProcessesAtMost)
            {
                Told(NvmlReturn.Success);
                processBuffer = new NvmlProcessInfo[Math.Clamp((int)Math.Min(count, ProcessesAtMost) * 2, ProcessesAtFirst, ProcessesAtMost)];
                continue;
            }
            if (!Told(code)) return false;
            for (var i = 0; i < count; i++) Add(processBuffer[i]);
            return true;
        }
        return false;
    }

    private void Add(in NvmlProcessInfo info)
    {
        foreach (var known in processes)
            if (known.Pid == info.Pid) return;
        processes.Add(new GpuProcess(info.Pid, info.UsedMemory == ulong.MaxValue ? null : info.UsedMemory));
    }
}
