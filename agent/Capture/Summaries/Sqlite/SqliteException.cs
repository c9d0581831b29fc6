namespace Monitoring.Agent.Capture.Summaries.Sqlite;

/// <summary>A file that cannot be read as an SQLite database; the message continues a sentence that begins with the file.</summary>
internal sealed class SqliteException : Exception
{
    internal SqliteException(string message)
        : base(message)
    {
    }

    internal SqliteException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
