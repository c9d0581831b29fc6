using System.Globalization;

namespace Monitoring.Settings.Values;

/// <summary>Sizes as people write them: <c>64MiB</c>, <c>1GB</c>, <c>512Ki</c>, <c>4096</c>.</summary>
public static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        // Kubernetes writes its quantities so.
        ("Ti", 1L << 40), ("Gi", 1L << 30), ("Mi", 1L << 20), ("Ki", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000),
        ("B", 1),
    ];

    /// <summary>Reads a number with or without a unit, in any case; the size is a whole number of bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        var factor = 1L;
        var number = text;
        foreach (var (unit, size) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            factor = size;
            number = text[..^unit.Length].TrimEnd(' ');
            break;
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count > (decimal)long.MaxValue / factor)
            return false;
        var total = count * factor;
        if (total != decimal.Truncate(total))
            return false;
        bytes = (long)total;
        return true;
    }

    /// <summary>In the largest binary unit that leaves a whole number: <c>64MiB</c>, <c>1000</c>.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, size) in Units)
            if (unit.EndsWith("iB", StringComparison.Ordinal) && bytes != 0 && bytes % size == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
