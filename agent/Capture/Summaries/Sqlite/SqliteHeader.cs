using System.Buffers.Binary;

namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>How texts of a database are written.</summary>
internal enum SqliteEncoding
{
    Utf8 = 1,
    Utf16LittleEndian = 2,
    Utf16BigEndian = 3,
}

/// <summary>The first 100 bytes of a database (https://sqlite.org/fileformat.html, 1.3).</summary>
/// <param name="PageSize">Bytes of a page.</param>
/// <param name="UsableSize">Of these what the format may use.</param>
internal readonly record struct SqliteHeader(int PageSize, int UsableSize, SqliteEncoding Encoding)
{
    internal const int Length = 100;

    private const int SmallestPageSize = 512;
    private const int SmallestUsableSize = 480; // below it the format's own fractions do not hold

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <exception cref="SqliteException">It is no database, or one of a version that is not known.</exception>
    internal static SqliteHeader Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !bytes.StartsWith(Magic)) throw new SqliteException("is no SQLite database: it does not begin as one");
        int pageSize = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
        if (pageSize == 1) pageSize = 65536; // which does not fit in two bytes
        if (pageSize < SmallestPageSize || !int.IsPow2(pageSize)) throw new SqliteException($"has pages of {pageSize} bytes, which SQLite does not have");
        if (bytes[19] > 2) throw new SqliteException($"is of format version {bytes[19]}; this program reads 1 and 2");
        var usable = pageSize - bytes[20];
        if (usable < SmallestUsableSize) throw new SqliteException($"leaves {usable} bytes of a page, fewer than SQLite allows");
        var encoding = BinaryPrimitives.ReadUInt32BigEndian(bytes[56..]);
        if (encoding > 3) throw new SqliteException($"has texts of encoding {encoding}, which SQLite does not have");
        // 0 stands in a database without any table.
        return new SqliteHeader(pageSize, usable, encoding == 0 ? SqliteEncoding.Utf8 : (SqliteEncoding)encoding);
    }
}
