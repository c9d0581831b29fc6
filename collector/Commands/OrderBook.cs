using System.Text.Json;

namespace Monitoring.Collector.Commands;

/// <summary>The wishes of the last day with what was answered, so that one that comes again is one; the oldest are given up beyond a number.</summary>
internal sealed class OrderBook : IJournalled
{
    // Each takes about 150 bytes a node; a segment of the journal must hold all.
    private const int OrdersAtMost = 2000;
    private const int CapturesAtMost = 20_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    private readonly CommandJournal journal;
    private readonly TimeProvider time;
    private readonly Dictionary<string, PlacedOrder> orders = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private int captures;

    public OrderBook(CommandJournal journal, TimeProvider time)
    {
        (this.journal, this.time) = (journal, time);
        journal.Add(this);
    }

    /// <summary>A wish by its group; null where it is not known.</summary>
    public PlacedOrder? Find(string group)
    {
        lock (journal.Gate) return orders.GetValueOrDefault(group);
    }

    /// <summary>Keeps a wish; a control that joins a group replaces it.</summary>
    public void Keep(PlacedOrder placed)
    {
        lock (journal.Gate)
        {
            Put(placed);
            // Where the disk refuses it holds in memory; after a restart the same key would be a new wish.
            journal.TryAppend(JournalRecord.Order, JsonSerializer.SerializeToUtf8Bytes(placed, StateJson.Default.PlacedOrder));
        }
    }

    /// <inheritdoc/>
    public void Restore(JournalRecord type, ReadOnlySpan<byte> json)
    {
        if (type != JournalRecord.Order) return;
        try
        {
            if (JsonSerializer.Deserialize(json, StateJson.Default.PlacedOrder) is { } placed) Put(placed);
        }
        catch (JsonException)
        {
            // Of a version that wrote another form.
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(JournalRecord Type, byte[] Json)> Living() => orders.Values.Select(static placed => (JournalRecord.Order, JsonSerializer.SerializeToUtf8Bytes(placed, StateJson.Default.PlacedOrder)));

    private void Put(PlacedOrder placed)
    {
        var group = placed.Answer.Group;
        if (orders.TryGetValue(group, out var before)) captures -= before.Answer.Captures.Count;
        else order.Enqueue(group);
        orders[group] = placed;
        captures += placed.Answer.Captures.Count;
        var now = time.GetUtcNow();
        while (order.TryPeek(out var oldest) && oldest != group && (order.Count > OrdersAtMost || captures > CapturesAtMost || orders[oldest].MadeAt <= now - KeptFor))
        {
            captures -= orders[oldest].Answer.Captures.Count;
            orders.Remove(order.Dequeue());
        }
    }
}
