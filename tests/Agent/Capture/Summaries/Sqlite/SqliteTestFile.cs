using System.Buffers.Binary;
using System.Text;

namespace Monitoring.Tests.Agent.Capture.Summaries.Sqlite;

/// <summary>Writes databases of its own, by the format's description: tables as trees of pages, long rows on overflow pages.</summary>
internal sealed class SqliteTestFile(int pageSize = 4096, int reserved = 0, int encoding = 1)
{
    private readonly List<byte[]> pages = [new byte[pageSize]];
    private readonly List<(string Name, int Root, string Statement)> tables = [];

    private int Usable => pageSize - reserved;

    /// <summary>Adds a table; values are null, long, double, string or bytes, rows are numbered from 1.</summary>
    internal SqliteTestFile Table(string name, string statement, IEnumerable<object?[]> rows)
    {
        tables.Add((name, Tree([.. rows.Select((row, index) => ((long)index + 1, Record(row)))]), statement));
        return this;
    }

    internal byte[] ToBytes()
    {
        var cells = tables.Select((table, index) => LeafCell(index + 1, Record(["table", table.Name, table.Name, (long)table.Root, table.Statement]))).ToList();
        WritePage(pages[0], 100, 0x0d, cells, 0);
        var header = pages[0].AsSpan();
        "SQLite format 3\0"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header[16..], (ushort)(pageSize == 65536 ? 1 : pageSize));
        header[18] = header[19] = 1;
        header[20] = (byte)reserved;
        (header[21], header[22], header[23]) = (64, 32, 32);
        BinaryPrimitives.WriteUInt32BigEndian(header[28..], (uint)pages.Count);
        BinaryPrimitives.WriteUInt32BigEndian(header[44..], 4);
        BinaryPrimitives.WriteUInt32BigEndian(header[56..], (uint)encoding);
        return [.. pages.SelectMany(static page => page)];
    }

    private int Tree(List<(long RowId, byte[] Record)> rows)
    {
        var level = new List<(int Page, long Last)>();
        var cells = new List<byte[]>();
        long last = 0;
        foreach (var (rowId, record) in rows)
        {
            var cell = LeafCell(rowId, record);
            if (!Fits(cells, cell, 8))
            {
                level.Add((AddPage(0x0d, cells, 0), last));
                cells = [];
            }
            cells.Add(cell);
            last = rowId;
        }
        level.Add((AddPage(0x0d, cells, 0), last));
        while (level.Count > 1)
        {
            var above = new List<(int Page, long Last)>();
            for (var start = 0; start < level.Count;)
            {
                cells = [];
                var place = start;
                while (place < level.Count - 1 && cells.Count < 40 && InteriorCell(level[place]) is var cell && Fits(cells, cell, 12))
                {
                    cells.Add(cell);
                    place++;
                }
                above.Add((AddPage(0x05, cells, level[place].Page), level[place].Last));
                start = place + 1;
            }
            level = above;
        }
        return level[0].Page;
    }

    private static byte[] InteriorCell((int Page, long Last) child)
    {
        var page = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(page, child.Page);
        return [.. page, .. Varint(child.Last)];
    }

    private byte[] LeafCell(long rowId, byte[] record)
    {
        byte[] start = [.. Varint(record.Length), .. Varint(rowId)];
        if (record.Length <= Usable - 35) return [.. start, .. record];
        var smallest = ((Usable - 12) * 32 / 255) - 23;
        var local = smallest + ((record.Length - smallest) % (Usable - 4));
        if (local > Usable - 35) local = smallest;
        var first = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(first, Overflow(record.AsSpan(local)));
        return [.. start, .. record.AsSpan(0, local), .. first];
    }

    private int Overflow(ReadOnlySpan<byte> rest)
    {
        var number = 0;
        var parts = (rest.Length + Usable - 5) / (Usable - 4);
        for (var part = parts - 1; part >= 0; part--)
        {
            var page = new byte[pageSize];
            BinaryPrimitives.WriteInt32BigEndian(page, number);
            var bytes = rest[(part * (Usable - 4))..];
            bytes[..Math.Min(bytes.Length, Usable - 4)].CopyTo(page.AsSpan(4));
            pages.Add(page);
            number = pages.Count;
        }
        return number;
    }

    private bool Fits(List<byte[]> cells, byte[] cell, int header) => header + cells.Sum(static known => known.Length + 2) + cell.Length + 2 <= Usable;

    private int AddPage(byte kind, List<byte[]> cells, int right)
    {
        var page = new byte[pageSize];
        WritePage(page, 0, kind, cells, right);
        pages.Add(page);
        return pages.Count;
    }

    private void WritePage(byte[] page, int start, byte kind, List<byte[]> cells, int right)
    {
        page[start] = kind;
        BinaryPrimitives.WriteUInt16BigEndian(page.AsSpan(start + 3), (ushort)cells.Count);
        if (kind == 0x05) BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(start + 8), right);
        var pointers = start + (kind == 0x05 ? 12 : 8);
        var content = Usable;
        for (var index = 0; index < cells.Count; index++)
        {
            content -= cells[index].Length;
            if (content < pointers + (2 * cells.Count)) throw new InvalidOperationException("The page is full; use a larger one.");
            cells[index].CopyTo(page.AsSpan(content));
            BinaryPrimitives.WriteUInt16BigEndian(page.AsSpan(pointers + (2 * index)), (ushort)content);
        }
        BinaryPrimitives.WriteUInt16BigEndian(page.AsSpan(start + 5), (ushort)content);
    }

    private byte[] Record(object?[] values)
    {
        var types = new List<byte>();
        var body = new List<byte>();
        foreach (var value in values)
        {
            var (type, bytes) = Value(value);
            types.AddRange(Varint(type));
            body.AddRange(bytes);
        }
        var length = types.Count + 1;
        if (Varint(length).Length > 1) length++;
        return [.. Varint(length), .. types, .. body];
    }

    private (long Type, byte[] Bytes) Value(object? value)
    {
        switch (value)
        {
            case null: return (0, []);
            case 0L: return (8, []);
            case 1L: return (9, []);
            case long number:
                var size = number switch { >= sbyte.MinValue and <= sbyte.MaxValue => 1, >= short.MinValue and <= short.MaxValue => 2, >= -(1 << 23) and < 1 << 23 => 3, >= int.MinValue and <= int.MaxValue => 4, >= -(1L << 47) and < 1L << 47 => 6, _ => 8 };
                var whole = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(whole, number);
                return (size switch { 6 => 5, 8 => 6, _ => size }, whole[(8 - size)..]);
            case double real:
                var bits = new byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(bits, real);
                return (7, bits);
            case string text:
                var encoded = (encoding switch { 2 => Encoding.Unicode, 3 => Encoding.BigEndianUnicode, _ => Encoding.UTF8 }).GetBytes(text);
                return (13 + (2L * encoded.Length), encoded);
            case byte[] blob: return (12 + (2L * blob.Length), blob);
            default: throw new ArgumentException($"{value.GetType()} is nothing that a database holds.");
        }
    }

    private static byte[] Varint(long value)
    {
        var bits = unchecked((ulong)value);
        if (bits >> 56 != 0)
        {
            var nine = new byte[9];
            nine[8] = (byte)bits;
            bits >>= 8;
            for (var index = 7; index >= 0; index--, bits >>= 7) nine[index] = (byte)(0x80 | (bits & 0x7f));
            return nine;
        }
        var bytes = new List<byte> { (byte)(bits & 0x7f) };
        while ((bits >>= 7) != 0) bytes.Insert(0, (byte)(0x80 | (bits & 0x7f)));
        return [.. bytes];
    }
}
