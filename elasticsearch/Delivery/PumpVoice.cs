using Microsoft.Extensions.Logging;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>Tells people what goes wrong with a stream: once when it begins, once when it is over, and never more often than a person can read.</summary>
internal sealed partial class PumpVoice(string stream, TimeProvider time, ILogger logger)
{
    /// <summary>A trouble that comes and goes is not told again before this.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, long> told = new(StringComparer.Ordinal);
    private RequestVerdict? trouble;
    private bool isTold;
    private long unsaidLetters;

    /// <summary>Requests fail.</summary>
    internal void Fails(RequestVerdict verdict, string words)
    {
        if (trouble is not null && Kind(trouble.Value) == Kind(verdict)) return;
        trouble = verdict;
        if (!May(Kind(verdict))) return;
        isTold = true;
        switch (verdict)
        {
            case RequestVerdict.NotAllowed:
                LogNotAllowed(stream, words);
                break;
            case RequestVerdict.Blocked:
                LogBlocked(stream, words);
                break;
            case RequestVerdict.NoServer:
                LogNoServer(stream, words);
                break;
            default:
                LogFailing(stream, words);
                break;
        }
    }

    /// <summary>A request was taken without any fault.</summary>
    internal void Succeeds()
    {
        if (trouble is not null && isTold) LogRecovered(stream);
        (trouble, isTold) = (null, false);
    }

    /// <summary>Documents were set aside.</summary>
    internal void DeadLetters(int count, SourceDocument first, string error, string path)
    {
        unsaidLetters += count;
        if (!May("letters")) return;
        LogDeadLetters(unsaidLetters, stream, first.Id, first.Index, error, path);
        unsaidLetters = 0;
    }

    /// <summary>Documents cannot be set aside.</summary>
    internal void DeadLettersFail(string path, string why)
    {
        if (May("letters fail")) LogDeadLettersFail(stream, path, why);
    }

    /// <summary>The source cannot be read.</summary>
    internal void SourceFails(Exception fault)
    {
        if (May("source")) LogSourceFails(fault, stream);
    }

    /// <summary>What was settled cannot be made durable.</summary>
    internal void CommitFails(Exception fault)
    {
        if (May("commit")) LogCommitFails(fault, stream);
    }

    /// <summary>A fault of the program.</summary>
    internal void Fault(Exception fault)
    {
        if (May("fault")) LogFault(fault, stream);
    }

    private static string Kind(RequestVerdict verdict) =>
        verdict is RequestVerdict.NotAllowed or RequestVerdict.Blocked or RequestVerdict.NoServer ? verdict.ToString() : "failing";

    private bool May(string kind)
    {
        if (told.TryGetValue(kind, out var at) && time.GetElapsedTime(at) < Silence) return false;
        told[kind] = time.GetTimestamp();
        return true;
    }

    [LoggerMessage(EventId = 6010, Level = LogLevel.Warning, Message = "Sending the stream {Stream} fails: {Reason}. Its documents wait; trying again with growing pauses.")]
    private partial void LogFailing(string stream, string reason);

    [LoggerMessage(EventId = 6011, Level = LogLevel.Information, Message = "The stream {Stream} is stored again.")]
    private partial void LogRecovered(string stream);

    [LoggerMessage(EventId = 6012, Level = LogLevel.Error, Message = "The credentials are refused for the stream {Stream}: {Reason}. Its documents wait. Set api_key, or user and password, to what may create documents in logs-gpu.*; tried again with long pauses.")]
    private partial void LogNotAllowed(string stream, string reason);

    [LoggerMessage(EventId = 6013, Level = LogLevel.Error, Message = "Documents of the stream {Stream} are blocked: {Reason}. They wait. Is the disk of a node full, is an index closed to writing, may the credentials create documents there? Tried again with long pauses.")]
    private partial void LogBlocked(string stream, string reason);

    [LoggerMessage(EventId = 6014, Level = LogLevel.Error, Message = "What answers does not take the stream {Stream}: {Reason}. Its documents wait. urls must be addresses of Elasticsearch or OpenSearch; tried again with long pauses.")]
    private partial void LogNoServer(string stream, string reason);

    [LoggerMessage(EventId = 6015, Level = LogLevel.Warning, Message = "{Count} documents of the stream {Stream} are refused for good, such as {Id} for {Index}: {Error}. They are kept in {Path} and can be replayed.")]
    private partial void LogDeadLetters(long count, string stream, string id, string index, string error, string path);

    [LoggerMessage(EventId = 6016, Level = LogLevel.Error, Message = "Documents of the stream {Stream} that are refused for good cannot be kept in {Path}: {Reason}. They wait; make room or give the right to write there.")]
    private partial void LogDeadLettersFail(string stream, string path, string reason);

    [LoggerMessage(EventId = 6017, Level = LogLevel.Error, Message = "Documents of the stream {Stream} cannot be read; trying again with growing pauses.")]
    private partial void LogSourceFails(Exception fault, string stream);

    [LoggerMessage(EventId = 6018, Level = LogLevel.Warning, Message = "How far the stream {Stream} is stored cannot be written down; after a restart documents are sent again, and found to be there.")]
    private partial void LogCommitFails(Exception fault, string stream);

    [LoggerMessage(EventId = 6019, Level = LogLevel.Error, Message = "Sending the stream {Stream} ended in a fault of the program; going on after a pause.")]
    private partial void LogFault(Exception fault, string stream);
}
