using System.Text;
using System.Text.Json;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>An action of a bulk request, with its document.</summary>
/// <param name="Operation">create, index, update or delete.</param>
/// <param name="Index">Its own, or that of the URL; null where neither is there.</param>
/// <param name="Id">Null where the server is to choose one.</param>
/// <param name="Source">The line after it; empty for delete.</param>
/// <param name="Lines">Both lines with their ends, as they stand in the body.</param>
internal sealed record ReceivedAction(string Operation, string? Index, string? Id, ReadOnlyMemory<byte> Source, ReadOnlyMemory<byte> Lines);

/// <summary>Reads the lines of a bulk request as the servers do, with their refusals.</summary>
internal static class BulkBody
{
    private const int LongestIdBytes = 512;

    private static readonly HashSet<string> Operations = new(StringComparer.Ordinal) { "create", "delete", "index", "update" };

    private static readonly HashSet<string> Parameters = new(StringComparer.Ordinal)
    {
        "routing", "version", "version_type", "retry_on_conflict", "pipeline", "if_seq_no", "if_primary_term", "require_alias", "dynamic_templates", "list_executed_pipelines",
    };

    /// <returns>The actions; or why the whole request is refused.</returns>
    internal static (List<ReceivedAction> Actions, ServerAnswer? Refusal) Read(ServerRequest request, ServerFlavour flavour)
    {
        var actions = new List<ReceivedAction>();
        ReadOnlyMemory<byte> body = request.Body;
        if (body.IsEmpty) return (actions, ServerAnswer.Error(400, "parse_exception", "request body is required"));
        if (body.Span[^1] != '\n') return (actions, Illegal("The bulk request must be terminated by a newline [\\n]"));
        var line = 0;
        for (var start = 0; start < body.Length;)
        {
            line++;
            var end = start + body.Span[start..].IndexOf((byte)'\n');
            if (end == start)
            {
                // An empty line between actions is passed over.
                start++;
                continue;
            }

            var (operation, index, id, refusal) = ReadAction(body[start..end], line, request.IndexOfBulk, flavour);
            if (refusal is not null) return (actions, refusal);
            var next = end + 1;
            ReadOnlyMemory<byte> source = default;
            if (operation != "delete")
            {
                if (next >= body.Length) return (actions, ServerAnswer.Error(400, "action_request_validation_exception", "Validation Failed: 1: no requests added;"));
                var sourceEnd = next + body.Span[next..].IndexOf((byte)'\n');
                source = body[next..sourceEnd];
                next = sourceEnd + 1;
                line++;
            }

            actions.Add(new ReceivedAction(operation, index, id, source, body[start..next]));
            start = next;
        }

        return (actions, Validate(actions));
    }

    private static (string Operation, string? Index, string? Id, ServerAnswer? Refusal) ReadAction(ReadOnlyMemory<byte> text, int line, string? index, ServerFlavour flavour)
    {
        JsonDocument parsed;
        try
        {
            parsed = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return ("", null, null, ServerAnswer.Error(400, flavour.IsOpenSearch || flavour.Major < 8 ? "json_e_o_f_exception" : "x_content_e_o_f_exception",
                "Unexpected end-of-input: expected close marker for Object"));
        }

        using var document = parsed;
        if (parsed.RootElement.ValueKind != JsonValueKind.Object)
            return ("", null, null, Illegal($"Malformed action/metadata line [{line}], expected START_OBJECT but found [{(parsed.RootElement.ValueKind == JsonValueKind.Array ? "START_ARRAY" : "VALUE_" + parsed.RootElement.ValueKind.ToString().ToUpperInvariant())}]"));
        foreach (var action in parsed.RootElement.EnumerateObject())
        {
            if (!Operations.Contains(action.Name))
                return ("", null, null, Illegal($"Malformed action/metadata line [{line}], expected one of [create, delete, index, update] but found [{action.Name}]"));
            if (action.Value.ValueKind != JsonValueKind.Object)
                return ("", null, null, Illegal($"Malformed action/metadata line [{line}], expected START_OBJECT or END_OBJECT but found [VALUE_{action.Value.ValueKind.ToString().ToUpperInvariant()}]"));
            string? id = null;
            foreach (var parameter in action.Value.EnumerateObject())
            {
                if (parameter.Name == "_index") index = parameter.Value.ToString();
                else if (parameter.Name == "_id") id = parameter.Value.ToString();
                // Types were deprecated with 7 and refused from 8 on.
                else if (parameter.Name == "_type" ? !flavour.ShowsTypes : !Parameters.Contains(parameter.Name))
                    return ("", null, null, Illegal($"Action/metadata line [{line}] contains an unknown parameter [{parameter.Name}]"));
            }

            return (action.Name, index, id, null);
        }

        return ("", null, null, Illegal($"Malformed action/metadata line [{line}], expected FIELD_NAME but found [END_OBJECT]"));
    }

    private static ServerAnswer? Validate(List<ReceivedAction> actions)
    {
        var wrong = new StringBuilder();
        var count = 0;
        foreach (var action in actions)
        {
            if (action.Index is null) wrong.Append($" {++count}: index is missing;");
            if (action.Id is { } id && Encoding.UTF8.GetByteCount(id) is > LongestIdBytes and var bytes) wrong.Append($" {++count}: id [{id}] is too long, must be no longer than {LongestIdBytes} bytes but was: {bytes};");
        }

        return count == 0 ? null : ServerAnswer.Error(400, "action_request_validation_exception", $"Validation Failed:{wrong}");
    }

    private static ServerAnswer Illegal(string reason) => ServerAnswer.Error(400, "illegal_argument_exception", reason);
}
