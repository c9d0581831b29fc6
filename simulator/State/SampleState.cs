using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>One instant of the history that nvmlDeviceGetSamples serves. The C side is native/state.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SampleState
{
    public ulong Microseconds;
    public Buffer10<uint> Values;
}
