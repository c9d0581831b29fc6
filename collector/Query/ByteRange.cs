using System.Globalization;

namespace Monitoring.Collector.Query;

/// <summary>A part of a file that a request asks for, as RFC 9110 section 14 has it.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">How many bytes it has; at least 1.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    private const string Unit = "bytes=";

    /// <summary>Reads the header Range.</summary>
    /// <param name="header">The header; empty for none.</param>
    /// <param name="fileBytes">Size of the file.</param>
    /// <param name="isUnsatisfiable">True where it asks for nothing that the file has.</param>
    /// <returns>The range; null where the whole file is to be sent: without the header, and where it asks for several parts or in another way, which a server may pass over.</returns>
    public static ByteRange? Read(string header, long fileBytes, out bool isUnsatisfiable)
    {
        isUnsatisfiable = false;
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase)) return null;
        var text = header.AsSpan(Unit.Length).Trim(' ');
        var border = text.IndexOf('-');
        if (border < 0 || text[(border + 1)..].Contains('-') || text.Contains(',')) return null;
        var first = text[..border];
        var last = text[(border + 1)..];
        if (first.IsEmpty)
        {
            if (!TryNumber(last, out var count)) return null;
            isUnsatisfiable = count == 0 || fileBytes == 0;
            return isUnsatisfiable ? null : new ByteRange(Math.Max(0, fileBytes - count), Math.Min(count, fileBytes));
        }
        var end = long.MaxValue;
        if (!TryNumber(first, out var start) || (!last.IsEmpty && !TryNumber(last, out end)) || end < start) return null;
        isUnsatisfiable = start >= fileBytes;
        return isUnsatisfiable ? null : new ByteRange(start, Math.Min(end, fileBytes - 1) - start + 1);
    }

    /// <summary>The header Content-Range.</summary>
    public string Describe(long fileBytes) => string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{fileBytes}");

    // Digits without end are a number that is larger than any file.
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = long.MaxValue;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9')) return false;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)) number = long.MaxValue;
        return true;
    }
}
