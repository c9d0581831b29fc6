namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>A table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Root">The page at which it begins.</param>
/// <param name="Columns">Its columns, in the order in which rows hold them.</param>
/// <param name="Refusal">Why its rows are not read; empty where they are.</param>
internal sealed record SqliteTable(string Name, long Root, IReadOnlyList<SqliteColumn> Columns, string Refusal = "")
{
    /// <summary>The place of a column in a row; -1 where there is no such column.</summary>
    internal int IndexOf(string column)
    {
        for (var index = 0; index < Columns.Count; index++)
            if (Columns[index].Name.Equals(column, StringComparison.OrdinalIgnoreCase)) return index;
        return -1;
    }

    /// <summary>True where it has the column.</summary>
    internal bool Has(string column) => IndexOf(column) >= 0;
}

/// <summary>A column.</summary>
/// <param name="IsRowId">True for INTEGER PRIMARY KEY, which rows hold as null: the value is the row's own number.</param>
internal sealed record SqliteColumn(string Name, bool IsRowId);
