using Monitoring.Agent.Detection.Sources;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// Takes from the queue what sources saw and makes events of it, in its order. A cursor is kept after everything that it covers; while
/// incidents of its source are known to memory alone, together with their count, so that a storm neither holds it up nor is counted
/// anew after a sudden end. Used by one thread.
/// </summary>
/// <param name="queue">Where the sources put what they see.</param>
/// <param name="merger">Makes one event of an incident.</param>
/// <param name="journal">Keeps cursors and pairs; null where nothing is kept.</param>
/// <param name="publish">Gets each event in order.</param>
/// <param name="failed">Gets a fault of the agent that one sighting brought about; the others go on.</param>
/// <param name="time">The clock.</param>
internal sealed class SightingIntake(SightingQueue queue, SightingMerger merger, IEventJournal? journal, Action<EventRecord> publish, Action<Exception> failed, TimeProvider time)
{
    /// <summary>
    /// The driver's event queue tells the number alone; the kernel's line of the same incident, which tells all, comes within this time.
    /// </summary>
    internal static readonly TimeSpan HoldDriverEvents = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// A kernel line names a GPU by its address; who that is, is known once the driver was asked. After a start lines wait for it, at most
    /// so long: a driver that hangs must not hide what the kernel says of it. Then the GPUs count that an earlier life of the boot had seen.
    /// </summary>
    internal static readonly TimeSpan WaitForGpus = TimeSpan.FromSeconds(5);

    private const string PairsStateName = "paired_lines";
    private const string GpusStateName = "known_gpus";
    private const string PlacesStateName = "source_places";

    // A storm may move a cursor in every round; what it costs to read a second of lines again is less than to write each of them down.
    private static readonly TimeSpan KeepPlacesEvery = TimeSpan.FromSeconds(1);

    // As much as the queue holds: sources that are as fast as a round must not keep it from the frames.
    private const int ItemsPerRound = SightingQueue.Capacity;

    private readonly List<EventRecord> made = [];
    private readonly Queue<(long At, Sighting Told)> held = [];
    private readonly Dictionary<string, KeptPlace> unkept = new(StringComparer.Ordinal);
    private readonly long started = time.GetTimestamp();
    private SortedDictionary<string, KeptPlace> places = new(StringComparer.Ordinal); // of sources in a storm, as kept
    private IReadOnlyDictionary<string, string> resumed = new Dictionary<string, string>();
    private long? placesKeptAt;
    private bool knowsGpus;

    /// <summary>What happened before is passed over: sources that know no place to begin at tell what they still have of the past.</summary>
    internal DateTimeOffset Since { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Whether the GPUs are known by now; asked until it is so.</summary>
    internal Func<bool> KnowsGpus { get; init; } = static () => true;

    /// <summary>Goes on from what the journal has.</summary>
    internal void Restore()
    {
        if (journal is null) return;
        merger.Seed(journal.Recent(RuleKeeping.EventsToCatchUp), journal.State(PairsStateName), journal.State(GpusStateName));
        places = SightingJson.ReadPlaces(journal.State(PlacesStateName));
        resumed = places.ToDictionary(static place => place.Key, static place => place.Value.Cursor, StringComparer.Ordinal);
        merger.Resume(places.Values.SelectMany(static place => place.Storms), time.GetUtcNow());
    }

    /// <summary>Where a source is to begin; null for no place. Any thread may ask, before the source is started.</summary>
    internal string? Cursor(string source) => resumed.GetValueOrDefault(source) ?? journal?.Cursor(source);

    /// <summary>Takes what waits.</summary>
    /// <param name="now">Timestamp of the round.</param>
    /// <param name="isLast">Nothing comes after: what the driver told waits no longer, and storms are summed up.</param>
    internal void Take(long now, bool isLast = false)
    {
        knowsGpus = knowsGpus || KnowsGpus() || time.GetElapsedTime(started, now) >= WaitForGpus;
        if (!knowsGpus && !isLast) return;
        for (var taken = 0; (taken < ItemsPerRound || isLast) && queue.TryTake(out var item); taken++)
        {
            if (item is SourceCursor cursor) Note(cursor);
            else if (((Sighting)item).Time < Since) continue;
            else if (item is Sighting { Source: NvmlEventSource.SourceName } told) held.Enqueue((now, told));
            else Take((Sighting)item);
        }
        while (held.TryPeek(out var oldest) && (isLast || time.GetElapsedTime(oldest.At, now) >= HoldDriverEvents)) Take(held.Dequeue().Told);
        if (isLast) Make(static (merger, now, made) => merger.Finish(now, made));
        KeepMemory();
        KeepCursors(now, isLast);
    }

    /// <summary>Sums up storms whose minute is over; to be called every second or so.</summary>
    internal void EndStorms() => Make(static (merger, now, made) => merger.Tick(now, made));

    private void Take(Sighting sighting)
    {
        try
        {
            merger.Take(sighting, made);
        }
        catch (Exception fault)
        {
            failed(fault);
        }
        Publish();
    }

    private void Make(Action<SightingMerger, DateTimeOffset, List<EventRecord>> make)
    {
        make(merger, time.GetUtcNow(), made);
        Publish();
    }

    private void Publish()
    {
        if (made.Count == 0) return;
        // Taken out first: one that brings about a fault must not come back in every round.
        EventRecord[] records = [.. made];
        made.Clear();
        foreach (var record in records) publish(record);
    }

    private void Note(SourceCursor cursor)
    {
        if (journal is null) return;
        // The storms as they stand now: what comes after the cursor is read again after a sudden end.
        var place = new KeptPlace(cursor.Value, merger.StormsOf(cursor.Source));
        if (!cursor.IsAhead)
        {
            unkept[cursor.Source] = place;
            return;
        }
        // One that waits is older.
        unkept.Remove(cursor.Source);
        Keep(cursor.Source, place);
    }

    private void KeepMemory()
    {
        if (journal is null) return;
        if (merger.TakePairs() is { } pairs) journal.AppendState(PairsStateName, pairs);
        if (merger.TakeGpus() is { } gpus) journal.AppendState(GpusStateName, gpus);
    }

    private void KeepCursors(long now, bool isLast)
    {
        if (isLast)
        {
            // Every storm has its sum by now.
            foreach (var (source, place) in places.Concat(unkept).ToArray()) unkept[source] = place with { Storms = [] };
        }
        if (unkept.Count == 0) return;
        var isTooSoon = placesKeptAt is { } before && time.GetElapsedTime(before, now) < KeepPlacesEvery;
        foreach (var (source, place) in unkept.ToArray())
        {
            if (place.Storms.Count > 0 && isTooSoon) continue;
            unkept.Remove(source);
            Keep(source, place);
        }
    }

    private void Keep(string source, KeptPlace place)
    {
        if (journal is null) return;
        if (place.Storms.Count == 0)
        {
            journal.Append(new SourceCursor(source, place.Cursor));
            // Until here the place that was kept with the storms counts.
            if (places.Remove(source)) journal.AppendState(PlacesStateName, SightingJson.WritePlaces(places));
            return;
        }
        places[source] = place;
        placesKeptAt = time.GetTimestamp();
        journal.AppendState(PlacesStateName, SightingJson.WritePlaces(places));
    }
}
