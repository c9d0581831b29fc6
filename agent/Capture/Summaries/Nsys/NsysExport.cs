using Monitoring.Agent.Capture.Summaries.Sqlite;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>
/// An export that is read table by table. Nsight Systems leaves out a table that would be empty, and columns come and go with its
/// versions: what is not there is not read, and a table that is damaged leaves a note and the rows before the damage.
/// </summary>
internal sealed class NsysExport(SqliteFile file, CancellationToken cancellationToken)
{
    private readonly List<string> notes = file.Trouble is "" ? [] : [$"The export {file.Trouble}."];

    /// <summary>What is missing and why.</summary>
    internal IReadOnlyList<string> Notes => notes;

    /// <summary>True where something that was there could not be read.</summary>
    internal bool IsIncomplete { get; private set; } = file.Trouble is not "";

    /// <summary>The earliest and the latest time that was seen; the window of an export that does not state it.</summary>
    internal (long From, long To)? Seen { get; private set; }

    /// <summary>Reads every row of a table.</summary>
    /// <param name="table">Its name; one that is not there has no rows.</param>
    /// <param name="columns">Its columns; the first <paramref name="required"/> of them are needed to make sense of it.</param>
    internal void Each(string table, ReadOnlySpan<string> columns, int required, Action<SqliteRows> row)
    {
        if (file.Find(table) is not { } found) return;
        foreach (var column in columns[..required])
        {
            if (found.Refusal is not "" || found.Has(column)) continue;
            notes.Add($"The table '{table}' has no column '{column}': it is of a version that is not known, and was not read.");
            IsIncomplete = true;
            return;
        }
        try
        {
            var rows = file.Rows(found, columns, cancellationToken);
            while (rows.Read()) row(rows);
        }
        catch (SqliteException fault)
        {
            notes.Add($"The export {fault.Message}.");
            IsIncomplete = true;
        }
    }

    /// <summary>True where start and end of an event make sense; widens what was seen.</summary>
    internal bool IsEvent(SqliteRows rows, int startColumn, int endColumn, out long start, out long end)
    {
        end = 0;
        if (!rows.TryInteger(startColumn, out start) || !rows.TryInteger(endColumn, out end) || end < start || start < -TimeAtMost || end > TimeAtMost) return false;
        Saw(start);
        Saw(end);
        return true;
    }

    internal void Saw(long time) => Seen = Seen is { } seen ? (Math.Min(seen.From, time), Math.Max(seen.To, time)) : (time, time);

    /// <summary>A century; beyond it a time is damage.</summary>
    private const long TimeAtMost = 100L * 366 * 24 * 3600 * Nanoseconds.PerSecond;
}
