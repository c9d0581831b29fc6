using Monitoring.Simulator.KernelLog;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <content>What the node's kernel writes into its log.</content>
public sealed partial class SimulatedNode
{
    private readonly SimulatedKernelLog _kernelLog;

    /// <summary>The kernel's log: a file with records of the form of <c>/dev/kmsg</c>.</summary>
    public string KernelLogPath => _kernelLog.Path;

    /// <summary>The directory that stands for <c>/proc</c>; it has the id of the boot.</summary>
    public string ProcfsPath => _kernelLog.Procfs;

    /// <summary>What the kernel calls this boot; every node that is created is another one.</summary>
    public string BootId => _kernelLog.BootId;

    /// <summary>Adds a line to the kernel's log.</summary>
    public void WriteKernelLine(string text)
    {
        lock (Gate) _kernelLog.Write(text);
    }

    /// <summary>Writes an XID as the driver does, before clients hear of it.</summary>
    internal void WriteXid(SimulatedGpu gpu, ulong code)
    {
        ref var state = ref gpu.State;
        var pid = XidText.NamesProcess(code) && state.ProcessCount > 0 && state.Processes[0].IsRunning == 1 ? state.Processes[0].Pid : (uint?)null;
        var name = pid is null ? "" : Path.GetFileName(StateText.Get(state.Processes[0].Name));
        foreach (var line in XidText.Lines($"{state.PciDomain:x4}:{state.PciBus:x2}:{state.PciDevice:x2}", code, pid, name)) WriteKernelLine(line);
    }
}
