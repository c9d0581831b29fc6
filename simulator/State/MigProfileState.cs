using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>One MIG profile that the board offers. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MigProfileState
{
    public uint Present;
    public uint Id;
    public uint Slices;
    public uint Instances;
    public uint Multiprocessors;
    public uint CopyEngines;
    public uint Decoders;
    public uint Encoders;
    public uint Jpegs;
    public uint Ofas;
    public uint PlacementSize;
    public uint Reserved;
    public ulong MemoryMebibytes;
    public Buffer96<byte> Name;
}
