using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>One NVLink of a GPU. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkState
{
    public uint Active;
    public uint Version;
    public uint SpeedMegabytesPerSecond;
    public uint RemoteType;
    public uint RemoteDomain;
    public uint RemoteBus;
    public uint RemoteDevice;
    public uint RemoteDeviceId;
    public uint RemoteLink;
    public uint LowPower;
    public ulong TransmitKibibytes;
    public ulong ReceiveKibibytes;
    public ulong TransmitPackets;
    public ulong ReceivePackets;
    public Buffer5<ulong> Errors;
    public Buffer16<ulong> Counters;
}
