using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>The whole state file. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NodeState
{
    public Buffer8<byte> Magic;
    public uint LayoutVersion;
    public uint GpuCount;
    public ulong TotalBytes;
    public uint DriverLoaded;
    public uint NvmlHeaderVersion;
    public uint FieldNumbering;
    public uint CudaDriverVersion;
    public Buffer80<byte> DriverVersion;
    public Buffer80<byte> NvmlVersion;
    public Buffer80<byte> DriverBranch;
    public uint ConfidentialEnvironment;
    public uint ConfidentialFeature;
    public uint ConfidentialDeveloperTools;
    public uint MeasureProcessorTime;
    public ulong Calls;
    public ulong NanosecondsInside;
    public ulong ProcessorNanosecondsInside;
    public Buffer512<uint> FunctionCalls;
    public ulong EventCount;
    public uint EventWakeup;
    public uint Reserved;
    public Buffer256<EventState> Events;
    public Buffer16<GpuState> Gpus;
}
