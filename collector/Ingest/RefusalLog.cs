using System.Net;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>Logs what was refused, each reason at most once a minute: a thousand misconfigured senders must not fill the disk.</summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    // Enough to name the nodes that a person can look at; a fleet with the same mistake is one.
    private const int MostNodesTimesReasons = 500;

    private readonly LogPause<PushRejection> pushes = new(time, Enum.GetValues<PushRejection>().Length);
    private readonly LogPause<(string Node, PointRejection Reason)> points = new(time, MostNodesTimesReasons);
    private readonly LogPause<string> events = new(time, MostNodesTimesReasons);
    private readonly LogPause<string> logs = new(time, MostNodesTimesReasons);

    /// <summary>Notes a push that was refused as a whole.</summary>
    public void Note(PushRefusal refusal, IPAddress? sender)
    {
        if (pushes.MaySpeak(refusal.Reason, 1, out var unsaid)) LogRefused(refusal.Reason.Label(), sender, refusal.Message, unsaid);
    }

    /// <summary>Notes the refused points of a push that was stored in part, by node.</summary>
    public void NotePoints(ReadOnlySpan<PushOutcome.Refused> refused, SeriesSettings limits)
    {
        foreach (var (node, reason, count) in refused)
            if (points.MaySpeak((node, reason), count, out var unsaid)) LogPoints(count, reason.Label(), node.Length == 0 ? "no node" : node, reason.Explain(limits), unsaid);
    }

    /// <summary>Notes refused events of a push whose other events were taken.</summary>
    public void NoteEvents(int count, string example, IPAddress? sender)
    {
        if (events.MaySpeak(sender?.ToString() ?? "", count, out var unsaid)) LogEvents(count, sender, example, unsaid);
    }

    /// <summary>Notes refused log lines of a push whose other lines were taken.</summary>
    public void NoteLogs(int count, string example, IPAddress? sender)
    {
        if (logs.MaySpeak(sender?.ToString() ?? "", count, out var unsaid)) LogLines(count, sender, example, unsaid);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning,
        Message = "A push was refused ({Reason}) from {Sender}: {Explanation}. {Unsaid} more since the last line of this reason.")]
    private partial void LogRefused(string reason, IPAddress? sender, string explanation, long unsaid);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning,
        Message = "{Count} points were refused ({Reason}) of {Node}: {Explanation}. {Unsaid} more since the last line of this node and reason.")]
    private partial void LogPoints(int count, string reason, string node, string explanation, long unsaid);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning,
        Message = "{Count} events were refused from {Sender}, such as {Example}. {Unsaid} more since the last line of this sender.")]
    private partial void LogEvents(int count, IPAddress? sender, string example, long unsaid);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning,
        Message = "{Count} log lines were refused from {Sender}, such as {Example}. {Unsaid} more since the last line of this sender.")]
    private partial void LogLines(int count, IPAddress? sender, string example, long unsaid);
}
