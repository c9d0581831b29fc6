using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>An event of a stream.</summary>
/// <param name="Id">The last id that the stream has set; empty for none.</param>
/// <param name="Type">Its type; <c>message</c> where the stream says none.</param>
/// <param name="Data">Its data, lines joined by \n.</param>
internal sealed record ServerSentEvent(string Id, string Type, string Data);

/// <summary>
/// Reads a stream of server-sent events (WHATWG HTML, 9.2.6) piece by piece, however it is cut. An event that is longer than the limit
/// is left out and counted; nothing that comes can make it hold more than that.
/// </summary>
/// <param name="bytesAtMost">Bytes that an event may have, names of fields included.</param>
internal sealed class ServerSentEvents(int bytesAtMost)
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private readonly List<byte> line = [];
    private readonly StringBuilder data = new();
    private int eventBytes;
    private bool hasData;
    private bool isTooLong;
    private bool endedWithReturn;
    private bool isStart = true;
    private string type = "";
    private string pendingId = "";

    /// <summary>How long the stream asks to wait before it is opened anew; null where it does not say.</summary>
    internal TimeSpan? Retry { get; private set; }

    /// <summary>Events that were left out.</summary>
    internal long TooLong { get; private set; }

    /// <summary>Takes the next bytes and gives the events that they end.</summary>
    internal IReadOnlyList<ServerSentEvent> Read(ReadOnlySpan<byte> bytes)
    {
        List<ServerSentEvent>? found = null;
        while (!bytes.IsEmpty)
        {
            if (endedWithReturn && bytes[0] == LineFeed)
            {
                // The second half of a line's end whose first half ended the bytes before.
                endedWithReturn = false;
                bytes = bytes[1..];
                continue;
            }

            endedWithReturn = false;
            var end = bytes.IndexOfAny(LineFeed, CarriageReturn);
            Keep(end < 0 ? bytes : bytes[..end]);
            if (end < 0) break;
            endedWithReturn = bytes[end] == CarriageReturn;
            bytes = bytes[(end + 1)..];
            if (EndLine() is { } complete) (found ??= []).Add(complete);
        }

        return found ?? (IReadOnlyList<ServerSentEvent>)[];
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        eventBytes += part.Length;
        if (eventBytes > bytesAtMost)
        {
            isTooLong = true;
            eventBytes = bytesAtMost;
            // Whether the line is empty is all that still counts.
            if (line.Count == 0 && part.Length > 0) line.Add((byte)':');
            return;
        }

        foreach (var one in part) line.Add(one);
    }

    private ServerSentEvent? EndLine()
    {
        var text = Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
        line.Clear();
        if (isStart && text is ['\uFEFF', ..]) text = text[1..];
        isStart = false;
        if (text.Length == 0) return Dispatch();
        if (!isTooLong && text[0] != ':') Field(text);
        // A comment is no part of an event, and a stream may consist of them.
        else if (!isTooLong) eventBytes = Math.Max(0, eventBytes - text.Length);
        return null;
    }

    private void Field(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        var value = colon < 0 ? "" : text[(colon + 1)..];
        if (value is [' ', ..]) value = value[1..];
        switch (name)
        {
            case "data":
                if (hasData) data.Append('\n');
                data.Append(value);
                hasData = true;
                break;
            case "event": type = value; break;
            case "id" when !value.Contains('\0', StringComparison.Ordinal): pendingId = value; break;
            case "retry" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds): Retry = TimeSpan.FromMilliseconds(milliseconds); break;
        }
    }

    private ServerSentEvent? Dispatch()
    {
        // An event without data changes the id and is none otherwise.
        var complete = hasData && !isTooLong ? new ServerSentEvent(pendingId, type.Length > 0 ? type : "message", data.ToString()) : null;
        if (isTooLong) TooLong++;
        data.Clear();
        (eventBytes, hasData, isTooLong, type) = (0, false, false, "");
        return complete;
    }
}
