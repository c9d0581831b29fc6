using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices;

/// <summary>Asks the kernel about its clock.</summary>
internal static partial class KernelClock
{
    // <sys/timex.h>: struct timex has 208 bytes on 64-bit Linux, the int status stands at 40; STA_UNSYNC is 0x40, TIME_ERROR is 5.
    private const int TimexBytes = 208;
    private const int StatusOffset = 40;
    private const int Unsynchronised = 0x40;

    /// <summary>Whether a daemon keeps the clock in step; null where the kernel does not say.</summary>
    internal static bool? IsSynchronised()
    {
        Span<byte> timex = stackalloc byte[TimexBytes];
        timex.Clear(); // modes 0: asks and changes nothing
        var state = adjtimex(timex);
        return state < 0 ? null : (MemoryMarshal.Read<int>(timex[StatusOffset..]) & Unsynchronised) == 0;
    }

    [LibraryImport("libc")]
    private static partial int adjtimex(Span<byte> timex);
}
