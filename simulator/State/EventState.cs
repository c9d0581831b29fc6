using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>One event of the ring that event sets read. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EventState
{
    public ulong Number;
    public ulong Type;
    public ulong Data;
    public uint Kind;
    public uint Gpu;
    public uint GpuInstanceId;
    public uint ComputeInstanceId;
}
