using System.Globalization;

namespace Monitoring.Benchmarks.Elasticsearch;

/// <summary>What a sender is told on its command line, as <c>name=value</c>.</summary>
/// <param name="Url">The server.</param>
/// <param name="Directory">Spool and dead letters; outlives the process.</param>
/// <param name="Name">Part of the names of indices and of ids.</param>
/// <param name="Documents">Documents in all, over every life of the process.</param>
/// <param name="BatchDocuments">Most documents of a request.</param>
/// <param name="BatchBytes">Most bytes of a request.</param>
/// <param name="RetryPause">Shortest pause before another attempt; the longest is twenty times it.</param>
/// <param name="RequestTimeout">How long a request may take.</param>
/// <param name="Ahead">Documents that may wait in the spool before no more are appended.</param>
/// <param name="DocumentsPerSecond">How fast they are appended at most.</param>
internal sealed record SenderOptions(
    Uri Url, string Directory, string Name, int Documents, int BatchDocuments, int BatchBytes, TimeSpan RetryPause, TimeSpan RequestTimeout, int Ahead, int DocumentsPerSecond)
{
    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">A word is not one of them.</exception>
    internal static SenderOptions Parse(IEnumerable<string> words)
    {
        var options = new SenderOptions(new Uri("http://127.0.0.1:9200"), "sender", "sender", 100_000, 2000, 5 << 20, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), 50_000, int.MaxValue);
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals > 0 ? (word[..equals], word[(equals + 1)..]) : (word, "");
            options = name switch
            {
                "url" => options with { Url = new Uri(value) },
                "directory" => options with { Directory = value },
                "name" => options with { Name = value },
                "documents" => options with { Documents = Number(value) },
                "batch_documents" => options with { BatchDocuments = Number(value) },
                "batch_bytes" => options with { BatchBytes = Number(value) },
                "retry_pause_milliseconds" => options with { RetryPause = TimeSpan.FromMilliseconds(Number(value)) },
                "request_timeout_seconds" => options with { RequestTimeout = TimeSpan.FromSeconds(Number(value)) },
                "ahead" => options with { Ahead = Number(value) },
                "documents_per_second" => options with { DocumentsPerSecond = Number(value) },
                _ => throw new FormatException($"'{word}' is none of url=, directory=, name=, documents=, batch_documents=, batch_bytes=, retry_pause_milliseconds=, request_timeout_seconds=, ahead= and documents_per_second="),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
