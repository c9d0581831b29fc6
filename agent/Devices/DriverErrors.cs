using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Devices;

/// <summary>Counts a driver's error answers by code. One writer; readers see each count without a lock.</summary>
internal sealed class DriverErrors
{
    // One past the last code of header 13.3, and a slot for everything else (999 and codes of newer drivers).
    private const int Other = 31;
    private readonly long[] counts = new long[Other + 1];

    internal void Count(NvmlReturn code)
    {
        ref var count = ref counts[(int)code is >= 0 and < Other ? (int)code : Other];
        Volatile.Write(ref count, count + 1);
    }

    /// <summary>Every code that was answered at least once, with its count.</summary>
    internal IEnumerable<(NvmlReturn Code, long Count)> Seen()
    {
        for (var code = 0; code <= Other; code++)
        {
            var count = Volatile.Read(ref counts[code]);
            if (count > 0) yield return (code == Other ? NvmlReturn.Unknown : (NvmlReturn)code, count);
        }
    }
}
