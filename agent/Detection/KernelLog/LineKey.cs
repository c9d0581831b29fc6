using System.Globalization;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// The key of a kernel line: its microsecond and a hash of its text, since that is what the device and the journal both have; the
/// journal does not keep the kernel's sequence numbers. Two equal lines of one microsecond are one.
/// </summary>
internal static class LineKey
{
    // FNV-1a: the same in every run, unlike string.GetHashCode.
    private const uint Offset = 2166136261;
    private const uint Prime = 16777619;

    internal static string Of(long microseconds, string text)
    {
        var hash = Offset;
        foreach (var character in text.AsSpan().TrimEnd())
        {
            hash = (hash ^ (byte)character) * Prime;
            hash = (hash ^ (byte)(character >> 8)) * Prime;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{microseconds}-{hash:x8}");
    }
}
