using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Journal;

/// <summary>What a record of the journal is. The numbers stand on disk: never renamed, never used again.</summary>
internal enum JournalRecordType : byte
{
    Event = 1,
    Cursor = 2,
    State = 3,
    Delivered = 4,

    /// <summary>Added to the counters.</summary>
    Count = 5,

    /// <summary>All counters, in place of everything counted before.</summary>
    Counters = 6,
}

/// <summary>Something to be written into the journal.</summary>
internal abstract record JournalEntry
{
    /// <summary>Entries of the same key replace each other; null for entries that do not.</summary>
    internal virtual string? Key => null;
}

internal sealed record EventEntry([property: JsonIgnore] EventRecord Record) : JournalEntry;

internal sealed record CursorEntry(string Source, string Value) : JournalEntry
{
    internal override string? Key => "cursor " + Source;
}

internal sealed record StateEntry(string Name, JsonElement State) : JournalEntry
{
    internal override string? Key => "state " + Name;
}

/// <summary>Every event up to this sequence was taken by the collector, or set aside for good.</summary>
internal sealed record DeliveredEntry(ulong Sequence) : JournalEntry
{
    internal override string? Key => "delivered";
}

/// <summary>Counts that no event in the journal stands for.</summary>
internal sealed record CountEntry(IReadOnlyList<Count> Counts) : JournalEntry;

/// <summary>All counters.</summary>
/// <param name="Indexes">The last NVML index by UUID.</param>
internal sealed record CountersEntry(IReadOnlyList<Count> Counts, IReadOnlyDictionary<string, int> Indexes) : JournalEntry;

/// <summary>A counter's amount.</summary>
/// <param name="Counter">Name of the metric.</param>
/// <param name="Subject">The GPU by its UUID, or by <c>#</c> and its index; empty for the node; of gpu_events_total the kind.</param>
/// <param name="Value">What is counted of it: an XID, a rule, a severity.</param>
internal sealed record Count(string Counter, string Subject, string Value, long Amount);

/// <summary>Entries as JSON, the payloads of the journal's records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CursorEntry))]
[JsonSerializable(typeof(StateEntry))]
[JsonSerializable(typeof(DeliveredEntry))]
[JsonSerializable(typeof(CountEntry))]
[JsonSerializable(typeof(CountersEntry))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    internal static (JournalRecordType Type, byte[] Payload) Write(JournalEntry entry) => entry switch
    {
        EventEntry item => (JournalRecordType.Event, EventJson.Write(item.Record)),
        CursorEntry item => (JournalRecordType.Cursor, JsonSerializer.SerializeToUtf8Bytes(item, Default.CursorEntry)),
        StateEntry item => (JournalRecordType.State, JsonSerializer.SerializeToUtf8Bytes(item, Default.StateEntry)),
        DeliveredEntry item => (JournalRecordType.Delivered, JsonSerializer.SerializeToUtf8Bytes(item, Default.DeliveredEntry)),
        CountEntry item => (JournalRecordType.Count, JsonSerializer.SerializeToUtf8Bytes(item, Default.CountEntry)),
        CountersEntry item => (JournalRecordType.Counters, JsonSerializer.SerializeToUtf8Bytes(item, Default.CountersEntry)),
        _ => throw new ArgumentException($"{entry.GetType().Name} is no entry of the journal."),
    };

    /// <summary>Reads a record; null for a type of a newer version.</summary>
    /// <exception cref="JsonException">The payload is not what its type says.</exception>
    internal static JournalEntry? Read(byte type, ReadOnlySpan<byte> payload) => (JournalRecordType)type switch
    {
        JournalRecordType.Event => new EventEntry(EventJson.Read(payload)),
        JournalRecordType.Cursor => JsonSerializer.Deserialize(payload, Default.CursorEntry),
        JournalRecordType.State => JsonSerializer.Deserialize(payload, Default.StateEntry),
        JournalRecordType.Delivered => JsonSerializer.Deserialize(payload, Default.DeliveredEntry),
        JournalRecordType.Count => JsonSerializer.Deserialize(payload, Default.CountEntry),
        JournalRecordType.Counters => JsonSerializer.Deserialize(payload, Default.CountersEntry),
        _ => null,
    };
}
