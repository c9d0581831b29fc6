using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>One MIG device: a GPU instance with its one compute instance. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MigState
{
    public uint Present;
    public uint GpuInstanceId;
    public uint ComputeInstanceId;
    public uint Profile;
    public uint ComputeProfile;
    public uint PlacementStart;
    public uint PlacementSize;
    public uint Multiprocessors;
    public uint CopyEngines;
    public uint Decoders;
    public uint Encoders;
    public uint Jpegs;
    public uint Ofas;
    public uint GpuSlices;
    public uint ComputeSlices;
    public uint Reserved;
    public ulong MemoryTotalBytes;
    public ulong MemoryUsedBytes;
    public ulong MemoryReservedBytes;
    public ulong Bar1TotalBytes;
    public ulong Bar1UsedBytes;
    public ulong SramUncorrectable;
    public Buffer48<double> GpmRate;
    public Buffer48<double> GpmIntegral;
    public Buffer96<byte> Uuid;
    public Buffer96<byte> Name;
}
