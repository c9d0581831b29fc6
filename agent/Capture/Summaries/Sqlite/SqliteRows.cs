using System.Buffers.Binary;

namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>
/// The rows of a table in the order of their numbers: a walk through its tree of pages, with one page of each level in memory. Each page
/// of a tree has one parent and each overflow page one row, so a walk that meets more pages than the file has goes in circles and ends.
/// </summary>
internal sealed class SqliteRows
{
    /// <summary>Levels of a tree; 20 of the smallest fan-out hold more rows than any file.</summary>
    private const int DepthAtMost = 20;

    /// <summary>Bytes of a row that are looked at; the rows of a summary have some hundred, a text beyond is cut.</summary>
    private const int RowBytesAtMost = 1024 * 1024;

    private const byte InteriorPage = 0x05;
    private const byte LeafPage = 0x0d;

    private readonly SqliteFile file;
    private readonly SqliteTable table;
    private readonly SqliteRecord record;
    private readonly CancellationToken cancellationToken;
    private readonly List<Level> levels = [];
    private int depth;
    private long visited;
    private long overflowed;
    private byte[] assembled = [];
    private byte[]? overflowPage;

    internal SqliteRows(SqliteFile file, SqliteTable table, ReadOnlySpan<string> columns, CancellationToken cancellationToken)
    {
        if (table.Refusal is not "") throw new SqliteException($"has the table '{table.Name}', which {table.Refusal}");
        this.file = file;
        this.table = table;
        this.cancellationToken = cancellationToken;
        record = new SqliteRecord(table, columns, file.Header.Encoding);
        Push(table.Root);
    }

    /// <summary>Rows read so far.</summary>
    internal long Count { get; private set; }

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="SqliteException">The table is damaged; the rows before were sound.</exception>
    internal bool Read()
    {
        while (depth > 0)
        {
            var level = levels[depth - 1];
            if (level.IsLeaf)
            {
                if (level.Next < level.Cells)
                {
                    ReadCell(level, level.CellAt(level.Next++));
                    Count++;
                    return true;
                }
                depth--;
            }
            else if (level.Next < level.Cells)
            {
                var cell = level.CellAt(level.Next++);
                if (cell + 4 > file.Header.UsableSize) throw Damaged("a cell outside its page");
                Push(BinaryPrimitives.ReadUInt32BigEndian(level.Page.AsSpan(cell)));
            }
            else if (level.Next == level.Cells)
            {
                level.Next++;
                Push(level.Right);
            }
            else
            {
                depth--;
            }
        }
        return false;
    }

    /// <summary>True where the column asked for as number <paramref name="column"/> has no value.</summary>
    internal bool IsNull(int column) => record.IsNull(column);

    /// <inheritdoc cref="SqliteRecord.TryInteger"/>
    internal bool TryInteger(int column, out long value) => record.TryInteger(column, out value);

    /// <summary>The column's integer, or what stands for one that is missing.</summary>
    internal long Integer(int column, long missing = 0) => record.TryInteger(column, out var value) ? value : missing;

    /// <inheritdoc cref="SqliteRecord.TryReal"/>
    internal bool TryReal(int column, out double value) => record.TryReal(column, out value);

    /// <inheritdoc cref="SqliteRecord.Text(int, Span{char})"/>
    internal int Text(int column, Span<char> destination) => record.Text(column, destination);

    /// <summary>The column's text, cut at a length; empty where it has none.</summary>
    internal string Text(int column, int lengthAtMost) => record.Text(column, lengthAtMost);

    private void Push(long number)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (++visited > file.Pages) throw Damaged("pages that point to each other in a circle");
        if (depth == DepthAtMost) throw Damaged($"more than {DepthAtMost} levels of pages");
        if (levels.Count == depth) levels.Add(new Level(file.Header.PageSize));
        var level = levels[depth];
        file.ReadPage(number, level.Page);
        var start = number == 1 ? SqliteHeader.Length : 0;
        var kind = level.Page[start];
        if (kind is not (InteriorPage or LeafPage)) throw Damaged($"page {number}, which is no page of a table");
        level.IsLeaf = kind == LeafPage;
        level.Cells = BinaryPrimitives.ReadUInt16BigEndian(level.Page.AsSpan(start + 3));
        level.Right = level.IsLeaf ? 0 : BinaryPrimitives.ReadUInt32BigEndian(level.Page.AsSpan(start + 8));
        level.Pointers = start + (level.IsLeaf ? 8 : 12);
        level.Next = 0;
        if (level.Pointers + (2 * level.Cells) > file.Header.UsableSize) throw Damaged($"page {number} with more cells than fit");
        depth++;
    }

    private void ReadCell(Level level, int cell)
    {
        var usable = file.Header.UsableSize;
        if (cell >= usable) throw Damaged("a cell outside its page");
        var bytes = level.Page.AsSpan(cell, usable - cell);
        var lengthSize = SqliteVarint.Read(bytes, out var length);
        var rowIdSize = SqliteVarint.Read(bytes[lengthSize..], out var rowId);
        if (lengthSize == 0 || rowIdSize == 0 || length < 0 || length > file.Pages * usable) throw Damaged("a row of an impossible length");
        bytes = bytes[(lengthSize + rowIdSize)..];

        var local = LocalLength(length, usable);
        if (local > bytes.Length) throw Damaged("a row that leaves its page");
        if (local == length)
        {
            record.Set(rowId, level.Page, cell + lengthSize + rowIdSize, (int)length, length);
            return;
        }
        if (local + 4 > bytes.Length) throw Damaged("a row that leaves its page");
        var wanted = (int)Math.Min(length, RowBytesAtMost);
        if (assembled.Length < wanted) assembled = new byte[Math.Max(wanted, 2 * assembled.Length)];
        var have = Math.Min((int)local, wanted);
        bytes[..have].CopyTo(assembled);
        Assemble(BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)local..]), have, wanted);
        record.Set(rowId, assembled, 0, wanted, length);
    }

    /// <summary>Appends the overflow pages of a row until as much is there as is wanted.</summary>
    private void Assemble(long next, int have, int wanted)
    {
        overflowPage ??= new byte[file.Header.PageSize];
        while (have < wanted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++overflowed > file.Pages) throw Damaged("overflow pages that point to each other in a circle");
            file.ReadPage(next, overflowPage);
            next = BinaryPrimitives.ReadUInt32BigEndian(overflowPage);
            var part = Math.Min(file.Header.UsableSize - 4, wanted - have);
            overflowPage.AsSpan(4, part).CopyTo(assembled.AsSpan(have));
            have += part;
        }
    }

    /// <summary>How much of a row lies in its page, the rest on overflow pages: the format's own formula.</summary>
    private static long LocalLength(long length, int usable)
    {
        if (length <= usable - 35) return length;
        var smallest = ((usable - 12) * 32 / 255) - 23;
        var fitting = smallest + ((length - smallest) % (usable - 4));
        return fitting <= usable - 35 ? fitting : smallest;
    }

    private SqliteException Damaged(string what) => new($"is damaged: after {Count} rows of '{table.Name}' came {what}");

    /// <summary>A page on the way from the root to the row.</summary>
    private sealed class Level(int pageSize)
    {
        internal byte[] Page { get; } = new byte[pageSize];

        internal bool IsLeaf { get; set; }

        internal int Cells { get; set; }

        /// <summary>The cell that comes next; for the last child one more than there are cells.</summary>
        internal int Next { get; set; }

        internal int Pointers { get; set; }

        internal long Right { get; set; }

        internal int CellAt(int index) => BinaryPrimitives.ReadUInt16BigEndian(Page.AsSpan(Pointers + (2 * index)));
    }
}
