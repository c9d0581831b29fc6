using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>One row: where the values of the columns asked for lie, found without copying or boxing them.</summary>
internal sealed class SqliteRecord
{
    private const int SmallestText = 13; // serial types from here on are text where odd, bytes where even

    private readonly SqliteTable table;
    private readonly SqliteEncoding encoding;
    private readonly int[] wantedAt; // by column of the table: its number among those asked for, -1 where nobody asked
    private readonly int[] sameAs; // by column asked for: the earlier one of the same column, or itself
    private readonly bool[] isRowId;
    private readonly long[] types; // serial types, by column asked for; 0 is null
    private readonly int[] offsets;
    private byte[] bytes = [];
    private int start;
    private int length;
    private long rowId;

    internal SqliteRecord(SqliteTable table, ReadOnlySpan<string> columns, SqliteEncoding encoding)
    {
        this.table = table;
        this.encoding = encoding;
        types = new long[columns.Length];
        offsets = new int[columns.Length];
        isRowId = new bool[columns.Length];
        sameAs = new int[columns.Length];
        var last = -1;
        for (var index = 0; index < columns.Length; index++) last = Math.Max(last, table.IndexOf(columns[index]));
        wantedAt = new int[last + 1];
        Array.Fill(wantedAt, -1);
        for (var index = 0; index < columns.Length; index++)
        {
            sameAs[index] = index;
            var column = table.IndexOf(columns[index]);
            if (column < 0) continue;
            isRowId[index] = table.Columns[column].IsRowId;
            if (wantedAt[column] < 0) wantedAt[column] = index;
            else sameAs[index] = wantedAt[column];
        }
    }

    /// <summary>Takes a row: finds the values of the columns asked for.</summary>
    /// <param name="have">Bytes that are here; fewer than <paramref name="whole"/> where a row is too long to be read whole.</param>
    internal void Set(long number, byte[] page, int offset, int have, long whole)
    {
        rowId = number;
        bytes = page;
        start = offset;
        length = have;
        Array.Clear(types);
        var row = page.AsSpan(offset, have);
        var place = SqliteVarint.Read(row, out var headerLength);
        if (place == 0 || headerLength < place || headerLength > have) throw Damaged();
        var value = headerLength;
        for (var column = 0; column < wantedAt.Length && place < headerLength; column++)
        {
            var size = SqliteVarint.Read(row[place..(int)headerLength], out var type);
            if (size == 0 || type < 0) throw Damaged();
            place += size;
            var valueLength = LengthOf(type);
            if (valueLength < 0 || valueLength > whole - value) throw Damaged();
            if (wantedAt[column] is >= 0 and var wanted)
            {
                types[wanted] = type;
                offsets[wanted] = (int)Math.Min(value, have);
            }
            value += valueLength;
        }
    }

    internal bool IsNull(int column) => types[sameAs[column]] == 0 && !isRowId[column];

    /// <summary>The column's integer; false where it is null or no integer.</summary>
    internal bool TryInteger(int column, out long value)
    {
        var from = sameAs[column];
        var type = types[from];
        value = 0;
        if (type == 0)
        {
            value = rowId;
            return isRowId[column];
        }
        if (type is 8 or 9)
        {
            value = type - 8;
            return true;
        }
        if (type is < 1 or > 6) return false;
        var part = ValueBytes(from, type);
        value = type switch
        {
            1 => (sbyte)part[0],
            2 => BinaryPrimitives.ReadInt16BigEndian(part),
            3 => ((sbyte)part[0] << 16) | (part[1] << 8) | part[2],
            4 => BinaryPrimitives.ReadInt32BigEndian(part),
            5 => ((long)BinaryPrimitives.ReadInt16BigEndian(part) << 32) | BinaryPrimitives.ReadUInt32BigEndian(part[2..]),
            _ => BinaryPrimitives.ReadInt64BigEndian(part),
        };
        return true;
    }

    /// <summary>The column's number, integers included; false where it is null or no finite number.</summary>
    internal bool TryReal(int column, out double value)
    {
        var from = sameAs[column];
        if (types[from] == 7)
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(ValueBytes(from, 7));
            return double.IsFinite(value);
        }
        var isInteger = TryInteger(column, out var integer);
        value = integer;
        return isInteger;
    }

    /// <summary>Writes the column's text; answers how many characters, 0 where it is null or no text. What does not fit is cut.</summary>
    internal int Text(int column, Span<char> destination)
    {
        var from = sameAs[column];
        var type = types[from];
        if (type < SmallestText || type % 2 == 0) return 0;
        // A text whose end was not read is cut like one that does not fit.
        var part = bytes.AsSpan(start + offsets[from], (int)Math.Min(LengthOf(type), length - offsets[from]));
        if (encoding == SqliteEncoding.Utf8)
        {
            Utf8.ToUtf16(part, destination, out _, out var written);
            return written;
        }
        var units = MemoryMarshal.Cast<byte, ushort>(part[..(part.Length & ~1)]);
        var count = Math.Min(units.Length, destination.Length);
        for (var index = 0; index < count; index++)
            destination[index] = (char)(encoding == SqliteEncoding.Utf16BigEndian == BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(units[index]) : units[index]);
        return count > 0 && char.IsHighSurrogate(destination[count - 1]) ? count - 1 : count;
    }

    internal string Text(int column, int lengthAtMost)
    {
        var type = types[sameAs[column]];
        if (type < SmallestText || type % 2 == 0) return "";
        var text = new char[(int)Math.Min(LengthOf(type), lengthAtMost)];
        return new string(text, 0, Text(column, text));
    }

    /// <summary>Bytes of a value; below 0 for the types that the format keeps for itself.</summary>
    private static long LengthOf(long type) => type switch { 0 or 8 or 9 => 0, >= 1 and <= 4 => type, 5 => 6, 6 or 7 => 8, 10 or 11 => -1, _ => (type - 12) / 2 };

    private ReadOnlySpan<byte> ValueBytes(int column, long type)
    {
        var size = (int)LengthOf(type);
        if (size > length - offsets[column]) throw new SqliteException($"has a row of '{table.Name}' with a number behind the {length} bytes of a row that are read");
        return bytes.AsSpan(start + offsets[column], size);
    }

    private SqliteException Damaged() => new($"is damaged: row {rowId} of '{table.Name}' does not hold what it says");
}
