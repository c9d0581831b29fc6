namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>SQLite's integers of one to nine bytes: seven bits a byte with the highest first, eight in the ninth.</summary>
internal static class SqliteVarint
{
    private const int LengthAtMost = 9;

    /// <summary>Reads one; answers how many bytes it has, 0 where the bytes end before it does.</summary>
    internal static int Read(ReadOnlySpan<byte> bytes, out long value)
    {
        // Nearly all serial types and lengths have one byte.
        if (bytes.Length > 0 && bytes[0] < 0x80)
        {
            value = bytes[0];
            return 1;
        }
        ulong bits = 0;
        for (var index = 0; index < LengthAtMost && index < bytes.Length; index++)
        {
            if (index == LengthAtMost - 1)
            {
                value = unchecked((long)((bits << 8) | bytes[index]));
                return LengthAtMost;
            }
            bits = (bits << 7) | (bytes[index] & 0x7fu);
            if (bytes[index] < 0x80)
            {
                value = unchecked((long)bits);
                return index + 1;
            }
        }
        value = 0;
        return 0;
    }
}
