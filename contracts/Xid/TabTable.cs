using System.Reflection;

namespace Monitoring.Contracts.Xid;

/// <summary>A table of this assembly: tabs between columns, names in the first line, <c>#</c> before remarks, <c>-</c> for nothing.</summary>
internal static class TabTable
{
    /// <summary>The rows of an embedded table; a cell without anything is empty.</summary>
    /// <exception cref="InvalidDataException">The table is missing or a row of it has not as many cells as it has columns.</exception>
    internal static IEnumerable<string[]> Rows(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidDataException($"the table {resource} is not part of the program");
        using var reader = new StreamReader(stream);
        var columns = 0;
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.StartsWith('#')) continue;
            var cells = line.Split('\t');
            if (columns == 0)
            {
                columns = cells.Length;
                continue;
            }
            if (cells.Length != columns) throw new InvalidDataException($"{resource}:{number} has {cells.Length} cells, its columns are {columns}");
            for (var cell = 0; cell < columns; cell++)
                if (cells[cell] == "-") cells[cell] = "";
            yield return cells;
        }
    }
}
