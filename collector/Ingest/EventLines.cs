using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Collector.Events;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Ingest;

/// <summary>A line that is no event, as the answer names it.</summary>
/// <param name="Id">The id that it carries; null where none can be read.</param>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Reason">What is wrong, and the remedy.</param>
internal sealed record RejectedLine(string? Id, int Line, string Reason);

/// <summary>Reads a body of JSON lines: each line is an event or is refused by itself.</summary>
internal sealed class EventLines(EventSettings settings, TimeProvider time)
{
    /// <summary>
    /// Clocks that are kept right differ by less. What is dated further ahead is taken all the same, since no event may be lost to a wrong
    /// clock, but it must not stand before all others until its date has come.
    /// </summary>
    internal static readonly TimeSpan AheadAtMost = TimeSpan.FromMinutes(5);

    private const int LongestNode = 253;
    private const int LongestCluster = 128;
    private const int LongestKind = 64;
    private const int LongestReason = 300;

    private static readonly SearchValues<char> KindLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private readonly int[] rejectedByReason = new int[Enum.GetValues<EventRejection>().Length];

    /// <summary>Lines that hold an event.</summary>
    public List<IncomingEvent> Events { get; } = [];

    /// <summary>Lines that do not.</summary>
    public List<RejectedLine> Rejected { get; } = [];

    /// <summary>Lines that were read.</summary>
    public int Lines { get; private set; }

    /// <summary>Whether there are more events than a push may hold; reading ended there.</summary>
    public bool HasTooMany => Events.Count + Rejected.Count > settings.MaxEventsPerPush;

    /// <summary>Reads a body.</summary>
    public void Read(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0 && !HasTooMany)
        {
            var end = body.IndexOf((byte)'\n');
            var line = (end < 0 ? body : body[..end]).Trim(" \t\r"u8);
            body = end < 0 ? default : body[(end + 1)..];
            Lines++;
            if (line.Length > 0) ReadLine(line);
        }
    }

    /// <summary>Counts the refused lines; once, when the push is answered: one that is refused as a whole comes again.</summary>
    public void CountRejected(EventTally tally)
    {
        foreach (var reason in Enum.GetValues<EventRejection>()) tally.Reject(reason, rejectedByReason[(int)reason]);
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > settings.MaxEventBytes)
            Reject(EventRejection.Size, null, $"the event has {line.Length} bytes, {settings.MaxEventBytes} are allowed: shorten its evidence or raise events.max_event_bytes");
        else if (!Utf8.IsValid(line))
            Reject(EventRejection.Encoding, null, "the line is not UTF-8: encode it so");
        else
            ReadText(line);
    }

    private void ReadText(ReadOnlySpan<byte> line)
    {
        try
        {
            var record = EventJson.Read(line);
            if (WrongName(record) is { } wrong) Reject(EventRejection.Name, record.Id, wrong);
            else Events.Add(Incoming(record, line));
        }
        catch (JsonException exception)
        {
            Reject(EventRejection.Malformed, FindId(line), $"no event: {Describe(exception)}; send one JSON object a line with id, time, node, kind and title");
        }
    }

    private IncomingEvent Incoming(EventRecord record, ReadOnlySpan<byte> line)
    {
        var now = time.GetUtcNow();
        var isAhead = record.Time - now > AheadAtMost;
        // What a sender says of when it was received does not count.
        if (!isAhead && record.Received is null) return new IncomingEvent(EventMarks.EntryOf(record), EventLabels.Of(record), line.ToArray());
        record = record with { Received = isAhead ? now : null };
        return new IncomingEvent(EventMarks.EntryOf(record), EventLabels.Of(record), EventJson.Write(record), isAhead);
    }

    private static string? WrongName(EventRecord record)
    {
        if (record.Node.Length is 0 or > LongestNode) return $"node is '{Shown(record.Node)}', expected a name of 1 to {LongestNode} characters";
        if (record.Cluster.Length > LongestCluster) return $"cluster is '{Shown(record.Cluster)}', expected a name of at most {LongestCluster} characters";
        var isKind = record.Kind.Length is > 0 and <= LongestKind && !record.Kind.AsSpan().ContainsAnyExcept(KindLetters);
        return isKind ? null : $"kind is '{Shown(record.Kind)}', expected 1 to {LongestKind} of a-z, 0-9 and _, such as xid";
    }

    private static string Shown(string name) => name.Length <= LongestKind ? name : name[..LongestKind] + "...";

    private static string Describe(JsonException exception)
    {
        // Where it stands in the line is of use; names of types are not.
        var text = exception.Message.Replace("Monitoring.Contracts.Events.", "", StringComparison.Ordinal).Replace(" | LineNumber: 0", "", StringComparison.Ordinal).TrimEnd('.');
        return text.Length <= LongestReason ? text : text[..LongestReason] + "...";
    }

    // The sender settles what it sent by id, so the answer gives it even for a line that is no event.
    private static string? FindId(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("id"u8)) continue;
                return reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { } id && EventId.IsValid(id) ? id : null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No id, then.
        }

        return null;
    }

    private void Reject(EventRejection reason, string? id, string words)
    {
        rejectedByReason[(int)reason]++;
        Rejected.Add(new RejectedLine(id, Lines, $"line {Lines}: {words}"));
    }
}
