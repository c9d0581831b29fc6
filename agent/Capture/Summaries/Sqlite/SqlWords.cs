namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>What a word of a statement is.</summary>
internal enum SqlWordKind
{
    End,
    Open,
    Close,
    Comma,

    /// <summary>A name or keyword without quotes, a number, an operator.</summary>
    Bare,

    /// <summary>A name or text in quotes; never a keyword.</summary>
    Quoted,
}

/// <summary>The words of an SQL statement, without its comments.</summary>
internal ref struct SqlWords(string statement)
{
    private readonly string statement = statement;
    private int place;

    internal SqlWordKind Kind { get; private set; }

    /// <summary>The word, without its quotes.</summary>
    internal string Text { get; private set; } = "";

    internal readonly bool IsKeyword(string keyword) => Kind == SqlWordKind.Bare && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>Moves to the next word; false at the end.</summary>
    internal bool Next()
    {
        SkipBlanks();
        Text = "";
        if (place >= statement.Length)
        {
            Kind = SqlWordKind.End;
            return false;
        }
        var first = statement[place];
        Kind = first switch { '(' => SqlWordKind.Open, ')' => SqlWordKind.Close, ',' => SqlWordKind.Comma, '"' or '\'' or '`' or '[' => SqlWordKind.Quoted, _ => SqlWordKind.Bare };
        if (Kind == SqlWordKind.Quoted)
        {
            ReadQuoted(first == '[' ? ']' : first);
        }
        else if (Kind == SqlWordKind.Bare)
        {
            var start = place;
            while (place < statement.Length && !char.IsWhiteSpace(statement[place]) && "(),\"'`[".IndexOf(statement[place], StringComparison.Ordinal) < 0) place++;
            Text = statement[start..place];
        }
        else
        {
            place++;
        }
        return true;
    }

    /// <summary>Moves behind the bracket that closes the one it stands at.</summary>
    internal void SkipGroup()
    {
        for (var depth = 1; depth > 0 && Next();)
            depth += Kind == SqlWordKind.Open ? 1 : Kind == SqlWordKind.Close ? -1 : 0;
        // What closed the group must not be taken for the end of what is around it.
        if (Kind == SqlWordKind.Close) Kind = SqlWordKind.Bare;
    }

    private void ReadQuoted(char close)
    {
        var text = new System.Text.StringBuilder();
        for (place++; place < statement.Length; place++)
        {
            if (statement[place] == close)
            {
                // A doubled quote stands for one; brackets have no such escape.
                if (close == ']' || place + 1 >= statement.Length || statement[place + 1] != close) break;
                place++;
            }
            text.Append(statement[place]);
        }
        place++;
        Text = text.ToString();
    }

    private void SkipBlanks()
    {
        while (place < statement.Length)
        {
            var rest = statement.AsSpan(place);
            if (char.IsWhiteSpace(rest[0])) place++;
            else if (rest.StartsWith("--")) place = End(statement.IndexOf('\n', place), 1);
            else if (rest.StartsWith("/*")) place = End(statement.IndexOf("*/", Math.Min(place + 2, statement.Length), StringComparison.Ordinal), 2);
            else return;
        }
    }

    private readonly int End(int found, int length) => found < 0 ? statement.Length : found + length;
}
