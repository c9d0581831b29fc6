using System.Text.Json;
using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>The answer to a <c>_bulk</c> request, as far as it is needed.</summary>
/// <param name="HasErrors">What <c>errors</c> says; null where it is missing.</param>
/// <param name="Items">The documents in the order of the request; null where the answer has no list of them.</param>
internal sealed record BulkReply(bool? HasErrors, IReadOnlyList<BulkItem>? Items)
{
    /// <summary>What is asked for of the answer: all that decides, and why. <c>error</c> and <c>status</c> are those of a refused request.</summary>
    internal const string FilterPath = "errors,error,status,items.*.status,items.*.error,items.*.failure_store";

    /// <summary>Causes are nested in causes.</summary>
    private const int DeepestNesting = 256;
    private const int CausesAtMost = 8;

    /// <summary>Reads an answer; null for what is none.</summary>
    /// <param name="json">The body.</param>
    /// <param name="itemsAtMost">Items that were asked for; a list is not read further than one beyond.</param>
    internal static BulkReply? Read(ReadOnlySpan<byte> json, int itemsAtMost)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestNesting });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            bool? errors = null;
            List<BulkItem>? items = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("errors"u8))
                {
                    if (!reader.Read() || reader.TokenType is not (JsonTokenType.True or JsonTokenType.False)) return null;
                    errors = reader.GetBoolean();
                }
                else if (reader.ValueTextEquals("items"u8))
                {
                    if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return null;
                    items = new List<BulkItem>(itemsAtMost);
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    {
                        if (reader.TokenType != JsonTokenType.StartObject) return null;
                        items.Add(ReadItem(ref reader));
                        if (items.Count > itemsAtMost) return new BulkReply(errors, items);
                    }
                }
                else
                {
                    reader.Skip();
                }
            }
            return reader.Read() ? null : new BulkReply(errors, items);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter for text that is no UTF-8
        {
            return null;
        }
    }

    /// <summary>Reads <c>{"create":{"status":201}}</c>, from its opening to its closing brace.</summary>
    private static BulkItem ReadItem(ref Utf8JsonReader reader)
    {
        var item = default(BulkItem);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("an item is no object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("status"u8)) item = item with { Status = reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var status) ? status : 0 };
                else if (reader.ValueTextEquals("failure_store"u8)) item = item with { IsInFailureStore = reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("used"u8) };
                else if (reader.ValueTextEquals("error"u8) && reader.Read()) item = item with { Error = ServerError.Read(JsonElement.ParseValue(ref reader), CausesAtMost) };
                else reader.Skip();
            }
        }
        return item;
    }
}
