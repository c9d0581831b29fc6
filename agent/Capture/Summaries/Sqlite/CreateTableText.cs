namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>
/// The columns of a table from its CREATE TABLE, the one place where a database keeps them. It reads only as much of the language as
/// names columns; a statement that it cannot follow makes a table that refuses to be read.
/// </summary>
internal static class CreateTableText
{
    /// <summary>SQLite's own limit by default.</summary>
    private const int ColumnsAtMost = 2000;

    internal static SqliteTable Parse(string name, long root, string statement)
    {
        var words = new SqlWords(statement);
        while (words.Next() && words.Kind != SqlWordKind.Open)
        {
            if (words.IsKeyword("VIRTUAL")) return new SqliteTable(name, root, [], "is a virtual table, which holds no rows itself");
            if (words.IsKeyword("AS")) return new SqliteTable(name, root, [], "has no list of columns");
        }
        if (words.Kind != SqlWordKind.Open) return new SqliteTable(name, root, [], "has no list of columns");

        var columns = new List<SqliteColumn>();
        var primaryKey = "";
        var integers = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (words.Next() && words.Kind != SqlWordKind.Close)
        {
            if (words.IsKeyword("CONSTRAINT") || words.IsKeyword("PRIMARY") || words.IsKeyword("UNIQUE") || words.IsKeyword("CHECK") || words.IsKeyword("FOREIGN"))
            {
                if (ReadConstraint(ref words) is { Length: > 0 } key) primaryKey = key;
            }
            else
            {
                if (words.Kind is not (SqlWordKind.Bare or SqlWordKind.Quoted)) return new SqliteTable(name, root, [], "has a column without a name");
                if (columns.Count == ColumnsAtMost) return new SqliteTable(name, root, [], "has more columns than SQLite allows");
                var column = words.Text;
                var definition = ReadDefinition(ref words);
                if (definition.IsGenerated) return new SqliteTable(name, root, [], $"has the generated column '{column}', which is not read");
                if (definition.IsInteger) integers.Add(column);
                columns.Add(new SqliteColumn(column, definition is { IsInteger: true, IsPrimaryKey: true }));
            }
            if (words.Kind == SqlWordKind.Close) break;
        }

        if (words.Kind != SqlWordKind.Close) return new SqliteTable(name, root, [], "has a definition that ends early");
        while (words.Next())
            if (words.IsKeyword("WITHOUT")) return new SqliteTable(name, root, [], "is a table WITHOUT ROWID, which is not read");
        // PRIMARY KEY(id) after the columns means the same as behind the column.
        if (integers.Contains(primaryKey))
            for (var index = 0; index < columns.Count; index++)
                if (columns[index].Name.Equals(primaryKey, StringComparison.OrdinalIgnoreCase)) columns[index] = columns[index] with { IsRowId = true };
        return new SqliteTable(name, root, columns);
    }

    /// <summary>Reads to the comma behind a column.</summary>
    private static (bool IsInteger, bool IsPrimaryKey, bool IsGenerated) ReadDefinition(ref SqlWords words)
    {
        string? type = null;
        bool isPrimaryKey = false, isGenerated = false, typeEnded = false;
        while (words.Next() && words.Kind is not (SqlWordKind.Comma or SqlWordKind.Close))
        {
            if (words.Kind == SqlWordKind.Open)
            {
                words.SkipGroup();
                typeEnded = true;
                continue;
            }
            if (words.IsKeyword("PRIMARY")) isPrimaryKey = true;
            else if (words.IsKeyword("GENERATED") || words.IsKeyword("AS")) isGenerated = true;
            else if (isPrimaryKey && words.IsKeyword("DESC")) isPrimaryKey = false; // by an old fault of SQLite, kept for old files, no alias

            typeEnded |= words.Kind == SqlWordKind.Bare && IsConstraintWord(words.Text);
            if (!typeEnded) type = type is null ? words.Text : type + " " + words.Text;
        }
        return ("INTEGER".Equals(type, StringComparison.OrdinalIgnoreCase), isPrimaryKey, isGenerated);
    }

    /// <summary>Reads to the comma behind a constraint; answers the one column of a primary key.</summary>
    private static string ReadConstraint(ref SqlWords words)
    {
        var key = "";
        var isPrimaryKey = false;
        do
        {
            if (words.IsKeyword("PRIMARY")) isPrimaryKey = true;
            if (words.Kind != SqlWordKind.Open) continue;
            if (!isPrimaryKey)
            {
                words.SkipGroup();
                continue;
            }
            var count = 0;
            while (words.Next() && words.Kind != SqlWordKind.Close)
            {
                if (words.Kind == SqlWordKind.Open) words.SkipGroup();
                else if (words.Kind == SqlWordKind.Comma) count++;
                else if (key is "") key = words.Text;
            }
            if (count > 0) key = "";
            isPrimaryKey = false;
        }
        while (words.Next() && words.Kind is not (SqlWordKind.Comma or SqlWordKind.Close));
        return key;
    }

    private static bool IsConstraintWord(string word) => word.ToUpperInvariant() is
        "CONSTRAINT" or "PRIMARY" or "NOT" or "NULL" or "UNIQUE" or "CHECK" or "DEFAULT" or "COLLATE" or "REFERENCES" or "GENERATED" or "AS";
}
