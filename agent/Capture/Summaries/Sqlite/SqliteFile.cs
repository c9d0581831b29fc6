using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>
/// An SQLite database that is read table by table, row by row, without SQL: what the exports of Nsight Systems need, and no native
/// library (ADR 6). It changes nothing, takes no locks and believes nothing: whatever the bytes are, reading ends, in memory that is bounded.
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    /// <summary>Tables that are looked at; an export with every table that Nsight Systems knows has about 180.</summary>
    private const int TablesAtMost = 10_000;

    /// <summary>Characters of a CREATE TABLE; the longest of an export has 8,000.</summary>
    private const int StatementLengthAtMost = 256 * 1024;

    private static readonly SqliteTable SchemaTable = new("sqlite_schema", 1, [
        new SqliteColumn("type", false), new SqliteColumn("name", false), new SqliteColumn("tbl_name", false), new SqliteColumn("rootpage", false), new SqliteColumn("sql", false),
    ]);

    private readonly SafeFileHandle handle;
    private readonly Dictionary<string, SqliteTable> tables = new(StringComparer.OrdinalIgnoreCase);

    private SqliteFile(SafeFileHandle handle, SqliteHeader header, long pages, string trouble)
    {
        this.handle = handle;
        Header = header;
        Pages = pages;
        Trouble = trouble;
    }

    internal SqliteHeader Header { get; }

    /// <summary>Whole pages of the file; the header's own count is not asked, since a file may have been cut.</summary>
    internal long Pages { get; }

    /// <summary>Why what is read may not be all that was written; the message continues a sentence that begins with the file. Empty where nothing speaks for it.</summary>
    internal string Trouble { get; private set; }

    /// <summary>Names of the tables.</summary>
    internal IReadOnlyCollection<string> Tables => tables.Keys;

    /// <exception cref="SqliteException">It cannot be read, or is no database.</exception>
    internal static SqliteFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> start = stackalloc byte[SqliteHeader.Length];
            var header = SqliteHeader.Parse(start[..ReadAll(handle, start, 0)]);
            var pages = RandomAccess.GetLength(handle) / header.PageSize;
            if (pages == 0) throw new SqliteException("is cut off in its first page");
            var file = new SqliteFile(handle, header, pages, TroubleBeside(path));
            file.ReadSchema();
            return file;
        }
        catch (Exception fault)
        {
            handle?.Dispose();
            if (fault is IOException or UnauthorizedAccessException) throw new SqliteException($"cannot be read: {fault.Message}", fault);
            throw;
        }
    }

    /// <summary>A table by name; null where there is none.</summary>
    internal SqliteTable? Find(string name) => tables.GetValueOrDefault(name);

    /// <summary>The rows of a table, with the columns asked for; one that the table lacks is null in each row.</summary>
    /// <exception cref="SqliteException">The table is of a kind that is not read.</exception>
    internal SqliteRows Rows(SqliteTable table, ReadOnlySpan<string> columns, CancellationToken cancellationToken = default) => new(this, table, columns, cancellationToken);

    /// <summary>Reads a page.</summary>
    /// <exception cref="SqliteException">There is no such page.</exception>
    internal void ReadPage(long number, Span<byte> page)
    {
        if (number < 1 || number > Pages) throw new SqliteException($"points to page {number} of {Pages}: it is damaged or cut off");
        try
        {
            if (ReadAll(handle, page[..Header.PageSize], (number - 1) * Header.PageSize) < Header.PageSize)
                throw new SqliteException($"became shorter while it was read: page {number} is gone");
        }
        catch (IOException fault)
        {
            throw new SqliteException($"cannot be read: {fault.Message}", fault);
        }
    }

    public void Dispose() => handle.Dispose();

    private void ReadSchema()
    {
        var rows = Rows(SchemaTable, ["type", "name", "rootpage", "sql"]);
        try
        {
            while (rows.Read())
            {
                if (rows.Text(0, 16) is not "table" || !rows.TryInteger(2, out var root)) continue;
                var name = rows.Text(1, 256);
                if (tables.Count >= TablesAtMost) throw new SqliteException(string.Create(CultureInfo.InvariantCulture, $"has more than {TablesAtMost} tables"));
                tables[name] = CreateTableText.Parse(name, root, rows.Text(3, StatementLengthAtMost));
            }
        }
        catch (SqliteException fault) when (tables.Count > 0)
        {
            // Tables that are known can be read; that others are missing is said.
            Trouble = fault.Message;
        }
    }

    /// <summary>A log beside the file holds rows that are not in the file yet; reading it would need SQLite's locks.</summary>
    private static string TroubleBeside(string path)
    {
        foreach (var suffix in (string[])["-wal", "-journal"])
            if (new FileInfo(path + suffix) is { Exists: true, Length: > 0 } log)
                return $"has '{log.Name}' beside it, which is not read: who wrote the database had not finished, so that rows may be missing";
        return "";
    }

    private static int ReadAll(SafeFileHandle handle, Span<byte> bytes, long offset)
    {
        var length = 0;
        while (length < bytes.Length && RandomAccess.Read(handle, bytes[length..], offset + length) is > 0 and var read)
            length += read;
        return length;
    }
}
