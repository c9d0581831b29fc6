using System.Text.Json;

namespace Monitoring.Agent.Detection;

/// <summary>
/// Kernel lines that made no event because another source had told of the incident. After a restart nothing else says so: without it,
/// the next incident of the kind would be taken for what that source told, and the line, read again, for an incident of its own.
/// </summary>
internal sealed class PairedLines
{
    // Many more than there can be within the time in which two sources may mean the same.
    private const int Most = 128;

    private readonly Queue<(string Line, string Event)> pairs = [];
    private bool isNew;

    /// <summary>Ids of the lines.</summary>
    internal IEnumerable<string> Lines => pairs.Select(static pair => pair.Line);

    /// <summary>True for an event that a line belongs to.</summary>
    internal bool Has(string eventId) => pairs.Any(pair => pair.Event == eventId);

    /// <summary>Takes note of a line.</summary>
    internal void Add(string line, string eventId)
    {
        if (pairs.Count == Most) pairs.Dequeue();
        pairs.Enqueue((line, eventId));
        isNew = true;
    }

    /// <summary>What is to be kept in place of what was; null where nothing is new.</summary>
    internal JsonElement? TakeNews()
    {
        if (!isNew) return null;
        isNew = false;
        return JsonSerializer.SerializeToElement(pairs.SelectMany(static pair => (string[])[pair.Line, pair.Event]).ToArray(), PairedLinesJson.Default.StringArray);
    }

    /// <summary>Goes on from what was kept; what cannot be read is as nothing.</summary>
    internal void Restore(JsonElement kept)
    {
        if (kept.ValueKind != JsonValueKind.Array) return;
        string[] words = [.. kept.EnumerateArray().Where(static word => word.ValueKind == JsonValueKind.String).Select(static word => word.GetString()!)];
        foreach (var pair in words.Chunk(2))
            if (pair is [var line, var eventId]) Add(line, eventId);
        isNew = false;
    }
}

/// <summary>Pairs as JSON: line, event, line, event.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class PairedLinesJson : System.Text.Json.Serialization.JsonSerializerContext;
