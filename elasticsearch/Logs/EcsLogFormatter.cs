using System.Text;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Delivery;
using Serilog.Events;
using Serilog.Formatting;

namespace Monitoring.Elasticsearch.Logs;

/// <summary>
/// Formats lines of a log in the terms of the Elastic Common Schema, each with an id of its own. To a sink of ours that is given it, it
/// also says how the servers are reached, and the sink leaves here what becomes of the lines: the options of the sink that ours stands in
/// for have no place for either.
/// </summary>
public sealed class EcsLogFormatter(LogOrigin origin) : ITextFormatter
{
    private readonly LogDocumentWriter writer = new(origin);
    private long number;

    /// <summary>Credentials, certificates and pauses; addresses and batches are the sink's own options.</summary>
    public ElasticsearchConnectionSettings Connection { get; init; } = new();

    /// <summary>Where documents go that the server refuses for good; null leaves it to the sink.</summary>
    public string? DeadLetterDirectory { get; init; }

    /// <summary>What became of the lines; null until a sink has it.</summary>
    public StreamTally? Tally { get; set; }

    /// <summary>Writes a line as a document of bounded size.</summary>
    /// <param name="line">The line.</param>
    /// <param name="id">The id that it says of itself.</param>
    public byte[] Write(LogEvent line, out string id)
    {
        id = NextId();
        return writer.Write(line, id);
    }

    /// <summary>An id that no other line has.</summary>
    public string NextId() => origin.IdOf(Interlocked.Increment(ref number));

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteLine(Encoding.UTF8.GetString(Write(logEvent, out _)));
    }
}
