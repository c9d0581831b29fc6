using System.Globalization;

namespace Monitoring.Agent.Devices.Pci;

/// <summary>Addresses of PCI functions in one notation, whoever wrote them.</summary>
internal static class PciAddress
{
    /// <summary>
    /// The address as sysfs has it, <c>0000:62:00.0</c>, of what the kernel's log (<c>0000:62:00</c>, <c>PCI:0000:62:00</c>) or NVML
    /// (<c>00000000:62:00.0</c>) writes; empty for what is no address.
    /// </summary>
    internal static string Normalize(string text)
    {
        var rest = text.AsSpan().Trim();
        if (rest.StartsWith("PCI:", StringComparison.OrdinalIgnoreCase)) rest = rest[4..];
        Span<Range> parts = stackalloc Range[4];
        if (rest.Split(parts, ':') != 3) return "";
        var last = rest[parts[2]];
        var point = last.IndexOf('.');
        var function = point < 0 ? "0" : last[(point + 1)..];
        var device = point < 0 ? last : last[..point];
        return Number(rest[parts[0]], 8, out var domain) && Number(rest[parts[1]], 2, out var bus) && Number(device, 2, out var slot) && Number(function, 1, out var number)
            ? string.Create(CultureInfo.InvariantCulture, $"{domain:x4}:{bus:x2}:{slot:x2}.{number:x}")
            : "";
    }

    private static bool Number(ReadOnlySpan<char> digits, int most, out uint value)
    {
        value = 0;
        return digits.Length is > 0 && digits.Length <= most && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
