using System.Buffers;
using System.Text.Json;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Faults of single documents: they never reach the server, and their answers stand where the server's would.</summary>
internal static class FaultyItems
{
    internal static async Task<ServerAnswer> AnswerAsync(IServerBackend backend, ServerRequest request, List<ReceivedAction> actions, IFaultPlan plan)
    {
        var faults = new ItemFault?[actions.Count];
        for (var index = 0; index < faults.Length; index++) faults[index] = plan.OfItem(actions[index]);
        if (!faults.Any(static fault => fault is not null)) return await backend.AnswerAsync(request, CancellationToken.None);
        var rest = new ArrayBufferWriter<byte>(request.Body.Length + 1);
        foreach (var (action, fault) in actions.Zip(faults))
        {
            if (fault is null) rest.Write(action.Lines.Span);
        }

        if (rest.WrittenCount == 0) return Merge(null, actions, faults, request);
        var answer = await backend.AnswerAsync(request with { Body = rest.WrittenSpan.ToArray() }, CancellationToken.None);
        return answer.Status == 200 ? Merge(answer, actions, faults, request) : answer;
    }

    /// <summary>An answer with an item too few or too many.</summary>
    internal static ServerAnswer WithItems(ServerAnswer answer, RequestFaultKind kind)
    {
        if (answer.Status != 200) return answer;
        using var document = JsonDocument.Parse(answer.Body);
        var items = document.RootElement.GetProperty("items").EnumerateArray().ToList();
        if (kind == RequestFaultKind.OneItemLess) items.RemoveAt(items.Count - 1);
        else items.Add(items[^1]);
        return ServerAnswer.Json(200, Write(document.RootElement, items.Any(IsRefused), writer =>
        {
            foreach (var item in items) item.WriteTo(writer);
        }));
    }

    private static ServerAnswer Merge(ServerAnswer? answer, List<ReceivedAction> actions, ItemFault?[] faults, ServerRequest request)
    {
        using var document = JsonDocument.Parse(answer?.Body ?? """{"took":1,"errors":false,"items":[]}"""u8.ToArray());
        var stored = document.RootElement.GetProperty("items").EnumerateArray().ToList();
        var hasErrors = faults.Any(static fault => fault is { GoesToFailureStore: false }) || stored.Any(IsRefused);
        var merged = ServerAnswer.Json(200, Write(document.RootElement, hasErrors, writer =>
        {
            var next = 0;
            foreach (var (action, fault) in actions.Zip(faults))
            {
                if (fault is null) stored[next++].WriteTo(writer);
                else WriteFault(writer, action, fault);
            }
        }));
        return FilterPath.Apply(merged, request);
    }

    private static bool IsRefused(JsonElement item) => item.EnumerateObject().First().Value.TryGetProperty("status", out var status) && status.GetInt32() >= 300;

    private static void WriteFault(Utf8JsonWriter writer, ReceivedAction action, ItemFault fault)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(action.Operation);
        writer.WriteString("_index", action.Index);
        writer.WriteString("_id", action.Id);
        if (fault.GoesToFailureStore)
        {
            writer.WriteNumber("_version", 1);
            writer.WriteString("result", "created");
            writer.WriteString("failure_store", "used");
        }

        writer.WriteNumber("status", fault.Status);
        if (!fault.GoesToFailureStore)
        {
            writer.WriteStartObject("error");
            writer.WriteString("type", fault.Type);
            writer.WriteString("reason", fault.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static byte[] Write(JsonElement root, bool hasErrors, Action<Utf8JsonWriter> writeItems)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = ErrorJson.Options.Encoder });
        writer.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            if (member.NameEquals("errors")) writer.WriteBoolean("errors", hasErrors);
            else if (member.NameEquals("items")) WriteArray();
            else member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();

        void WriteArray()
        {
            writer.WriteStartArray("items");
            writeItems(writer);
            writer.WriteEndArray();
        }
    }
}
