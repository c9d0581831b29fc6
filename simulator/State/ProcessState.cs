using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>One process that uses a GPU. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProcessState
{
    public uint Pid;
    public uint Kinds;
    public uint GpuInstanceId;
    public uint ComputeInstanceId;
    public ulong MemoryBytes;
    public ulong MemoryMaxBytes;
    public ulong ProtectedMemoryBytes;
    public ulong StartedMicroseconds;
    public ulong RunningMilliseconds;
    public Buffer6<uint> Utilization;
    public uint IsRunning;
    public uint Reserved;
    public Buffer128<byte> Name;
}
