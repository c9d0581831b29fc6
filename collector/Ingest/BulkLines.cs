using System.Text.Json;
using System.Text.RegularExpressions;
using Monitoring.Collector.Logs;

namespace Monitoring.Collector.Ingest;

/// <summary>An action of a bulk request and what is to be answered of it.</summary>
/// <param name="Action">Its name: create, index, update or delete.</param>
/// <param name="Index">The index that it names; empty for none.</param>
/// <param name="Id">The id that it names; empty for none.</param>
/// <param name="Line">The line that is to be kept; null where it is refused.</param>
/// <param name="ErrorType">What Elasticsearch calls the error; empty for none.</param>
/// <param name="Reason">What is wrong with which value, and the remedy; empty for none.</param>
internal sealed record BulkItem(string Action, string Index, string Id, LogLine? Line, string ErrorType = "", string Reason = "");

/// <summary>
/// Reads the body of a bulk request as Elasticsearch has it: a line that says what to do, a line with the document. Documents are created
/// in indices of agents' logs, and nothing else; an action that asks for something else is refused by itself.
/// </summary>
internal sealed partial class BulkLines(LogStoreSettings settings, TimeProvider time)
{
    private const string Unparsed = "document_parsing_exception";
    private const string Illegal = "illegal_argument_exception";
    private const int LongestReason = 300;

    private readonly int[] lost = new int[Enum.GetValues<LogLoss>().Length];
    private int number;

    /// <summary>What is asked for, in order.</summary>
    public List<BulkItem> Items { get; } = [];

    /// <summary>Why the request is refused as a whole; null where it is not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether there are more actions than a push may hold; reading ended there.</summary>
    public bool HasTooMany => Items.Count > settings.MaxLinesPerPush;

    /// <summary>Reads a body.</summary>
    public void Read(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) Fault = "request body is required";
        else if (body[^1] != (byte)'\n') Fault = @"The bulk request must be terminated by a newline [\n]";
        while (body.Length > 0 && Fault is null && !HasTooMany)
        {
            var action = Next(ref body);
            if (action.IsEmpty) continue;
            if (!TryReadAction(action, out var name, out var index, out var id)) return;
            if (name is "delete") Refuse(name, index, id, LogLoss.Target, Illegal, "delete is not taken here: only create");
            else if (body.IsEmpty) Fault = $"line {number}: the action has no document behind it";
            else ReadDocument(name, index, id, Next(ref body));
        }

        if (Items.Count == 0) Fault ??= "no requests added";
    }

    /// <summary>Counts the refused actions; once, when the push is answered: one that is refused as a whole comes again.</summary>
    public void CountLost(LogTally tally)
    {
        foreach (var reason in Enum.GetValues<LogLoss>()) tally.Lose(reason, lost[(int)reason]);
    }

    private ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> body)
    {
        var end = body.IndexOf((byte)'\n');
        var line = body[..end].TrimEnd((byte)'\r');
        body = body[(end + 1)..];
        number++;
        return line;
    }

    private bool TryReadAction(ReadOnlySpan<byte> line, out string name, out string index, out string id)
    {
        name = index = id = "";
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                name = reader.GetString() ?? "";
                if (name is "create" or "index" or "update" or "delete" && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        var isIndex = reader.ValueTextEquals("_index"u8);
                        var isId = reader.ValueTextEquals("_id"u8);
                        reader.Read();
                        if (isIndex && reader.TokenType == JsonTokenType.String) index = reader.GetString() ?? "";
                        else if (isId && reader.TokenType == JsonTokenType.String) id = reader.GetString() ?? "";
                        else reader.Skip();
                    }

                    if (reader.TokenType == JsonTokenType.EndObject && reader.Read() && reader.TokenType == JsonTokenType.EndObject && !reader.Read()) return true;
                }
            }

            Fault = $$$"""Malformed action/metadata line [{{{number}}}], expected {"create":{"_index":"...","_id":"..."}}""";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            Fault = $"Malformed action/metadata line [{number}]: {Shortened(fault.Message)}";
        }

        return false;
    }

    private void ReadDocument(string name, string index, string id, ReadOnlySpan<byte> json)
    {
        var match = AgentIndex().Match(index);
        if (name != "create")
            Refuse(name, index, id, LogLoss.Target, Illegal, "only write ops with an op_type of create are allowed here");
        else if (!match.Success || index.Length > LogLine.MostNameBytes)
            Refuse(name, index, id, LogLoss.Target, Illegal, $"_index is '{Shortened(index)}', expected logs-gpu.agent-NAMESPACE-yyyy.MM.dd-000001: the logs of agents alone are taken here");
        else if (id.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(id) > LogLine.MostIdBytes)
            Refuse(name, index, id, LogLoss.Target, Illegal, $"_id has {id.Length} characters, expected 1 to {LogLine.MostIdBytes} bytes: without it a line that comes twice would be kept twice");
        else if (json.Length > settings.MaxLineBytes)
            Refuse(name, index, id, LogLoss.Size, Unparsed, $"the document has {json.Length} bytes, {settings.MaxLineBytes} are allowed: raise logs.max_line_bytes");
        else if (!LogDocument.TryRead(json, out var document, out var wrong))
            Refuse(name, index, id, LogLoss.Malformed, Unparsed, Shortened(wrong));
        else if (document.Time.ToString("yyyy.MM.dd", System.Globalization.CultureInfo.InvariantCulture) != match.Groups["day"].Value)
            Refuse(name, index, id, LogLoss.Target, Illegal, $"_index is '{index}', expected the day of @timestamp ({document.Time:yyyy.MM.dd}, UTC) in its name: only then a line that comes twice meets itself");
        else
            Items.Add(new BulkItem(name, index, id, new LogLine(index, id, Believed(document.Time), document.Node, document.Level, json.ToArray())));
    }

    /// <summary>A line of a node whose clock is ahead must not stand before all others until its date has come.</summary>
    private DateTimeOffset Believed(DateTimeOffset written)
    {
        var now = time.GetUtcNow();
        return written - now > EventLines.AheadAtMost ? now : written;
    }

    private void Refuse(string action, string index, string id, LogLoss reason, string type, string words)
    {
        lost[(int)reason]++;
        Items.Add(new BulkItem(action, index, id, null, type, words));
    }

    private static string Shortened(string text) => text.Length <= LongestReason ? text : text[..LongestReason] + "...";

    [GeneratedRegex(@"^logs-gpu\.agent-[a-z0-9_.]{1,100}-(?<day>[0-9]{4}\.[0-9]{2}\.[0-9]{2})-000001\z")]
    private static partial Regex AgentIndex();
}
