using System.Globalization;
using System.Text.Json;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Detection;

/// <summary>
/// Makes events of sightings. The first sighting of an incident makes its event at once; what others say of it later is absorbed. The
/// n-th sighting of one source belongs to the n-th of the other, so that three faults of a second that two sources see are three events.
/// Lines of one source that tell of one incident (<see cref="Incidents.LineWindow"/>) are one event with the first line as evidence;
/// the others are counted in <see cref="Merged"/>, but for one that is worse than it. Used by one thread.
/// </summary>
internal sealed class SightingMerger(NodeIdentity identity, GpuDirectory gpus)
{
    /// <summary>The detail that says how many incidents an event sums up; absent for one.</summary>
    internal const string CountDetail = "incidents";

    private const int MostIds = 16 * 1024;
    private const int MostIncidents = 2048;

    private readonly HashSet<string> ids = new(StringComparer.Ordinal);
    private readonly Queue<string> idsByAge = new();
    private readonly List<Incident> incidents = [];
    private readonly Dictionary<(string Source, string Kind, int? Code, string Subject), StormGate> gates = [];
    private readonly PairedLines paired = new();
    private long merged;
    private long held;

    /// <summary>Sightings that told of an incident that had its event already.</summary>
    internal long Merged => Volatile.Read(ref merged);

    /// <summary>Incidents that were summed up because there were too many of the kind in a minute.</summary>
    internal long Held => Volatile.Read(ref held);

    /// <summary>The storms of a source that are not summed up yet: some of their incidents are, or may soon be, known to memory alone.</summary>
    internal IReadOnlyList<KeptStorm> StormsOf(string source) => [.. gates.Where(pair => pair.Key.Source == source && pair.Value.IsFull).Select(static pair => pair.Value.Kept)];

    /// <summary>Goes on with storms of before a restart.</summary>
    internal void Resume(IEnumerable<KeptStorm> storms, DateTimeOffset now)
    {
        foreach (var storm in storms)
            if (gates.Count < MostIncidents) gates.TryAdd(Key(storm.Example), new StormGate(storm, now));
    }

    /// <summary>How many incidents an event stands for.</summary>
    internal static long IncidentsOf(EventRecord record) =>
        record.Evidence.Details is { } details && details.TryGetValue(CountDetail, out var count) && long.TryParse(count, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 1;

    /// <summary>Learns from the events of an earlier run what has its event already, and which GPUs there were.</summary>
    /// <param name="recent">The journal's newest events, oldest first.</param>
    /// <param name="pairs">What <see cref="TakePairs"/> gave last; null for nothing.</param>
    /// <param name="knownGpus">What <see cref="TakeGpus"/> gave last; null for nothing.</param>
    internal void Seed(IEnumerable<EventRecord> recent, JsonElement? pairs = null, JsonElement? knownGpus = null)
    {
        if (pairs is { } kept) paired.Restore(kept);
        foreach (var line in paired.Lines) Remember(line);
        foreach (var record in recent)
        {
            Remember(record.Id);
            if (record.Gpu is { } gpu) gpus.Learn(gpu);
            if (record.Phase != EventPhase.Instant || record.Rule is not null) continue;
            var incident = new Incident(record.Id, record.Kind, record.Code, record.Severity, Subject(record.Gpu, record.Evidence.Details), record.Process?.Pid, record.Time, [.. record.Evidence.Sources.Select(Incidents.Witness)]);
            if (paired.Has(record.Id)) incident.Witnesses.Add(Incidents.Kernel);
            Add(incident);
        }
        // After those of the events: it is the newer.
        if (knownGpus is { } there) gpus.Restore(there, identity.BootId);
    }

    /// <summary>The GPUs that were seen in this boot, to be kept for the next start. Null where nothing is new.</summary>
    internal JsonElement? TakeGpus() => gpus.TakeNews(identity.BootId);

    /// <summary>
    /// Kernel lines that belong to events of another source, which alone stand in the journal: to be kept before the cursor that covers
    /// the lines. Null where nothing is new.
    /// </summary>
    internal JsonElement? TakePairs() => paired.TakeNews();

    /// <summary>Takes a sighting.</summary>
    /// <param name="sighting">What a source saw.</param>
    /// <param name="events">Gets the event that it makes, if any, after one that sums up what was held back before.</param>
    internal void Take(Sighting sighting, ICollection<EventRecord> events)
    {
        sighting = sighting with { Gpu = gpus.Complete(sighting.Gpu) };
        var witness = Incidents.Witness(sighting.Source);
        var subject = Subject(sighting.Gpu, sighting.Details);
        var id = Id(sighting, witness, sighting.Key);
        if (!Remember(id))
        {
            // Read again after a sudden end: what passed then passes no second time, nor leaves its place to another.
            if (sighting.Phase == EventPhase.Instant) GateOf(sighting, events).PassedBefore();
            return;
        }
        if (sighting.Phase == EventPhase.Instant)
        {
            if (IsKnown(sighting, id, witness, subject))
            {
                merged++;
                return;
            }
            Add(new Incident(id, sighting.Kind, sighting.Code, sighting.Severity, subject, sighting.Process?.Pid, sighting.Time, [witness]));
        }
        // A beginning or an end is never held back: what reads them counts on the pair.
        if (sighting.Phase == EventPhase.Instant && !GateOf(sighting, events).Passes(sighting))
        {
            held++;
            return;
        }
        events.Add(Record(sighting, id, sighting.Details));
    }

    /// <summary>Sums up storms whose minute is over; to be called every second or so.</summary>
    internal void Tick(DateTimeOffset now, ICollection<EventRecord> events)
    {
        if (gates.Count == 0) return;
        foreach (var (key, gate) in gates.Where(pair => pair.Value.IsOver(now) && !pair.Value.Waits(now)).ToArray())
        {
            Close(gate, key.Subject, now, events);
            gates.Remove(key);
        }
    }

    /// <summary>Sums up every storm, over or not; at the end.</summary>
    internal void Finish(DateTimeOffset now, ICollection<EventRecord> events)
    {
        foreach (var (key, gate) in gates) Close(gate, key.Subject, now, events);
        gates.Clear();
    }

    private void MakeRoom(DateTimeOffset now, ICollection<EventRecord> events)
    {
        Tick(now, events);
        if (gates.Count < MostIncidents) return;
        var (key, gate) = gates.First();
        Close(gate, key.Subject, now, events);
        gates.Remove(key);
    }

    private void Close(StormGate gate, string subject, DateTimeOffset now, ICollection<EventRecord> events)
    {
        if (gate.Held > 0)
        {
            var example = gate.Example;
            var details = new SortedDictionary<string, string>(StringComparer.Ordinal) { [CountDetail] = Number(gate.Held) };
            if (example.Details is { } known)
                foreach (var (name, value) in known) details[name] = value;
            // The same for the same minute, however often and in which boot its lines are read again.
            var id = EventId.Of(identity.Node, "storm", example.Source, example.Kind, Number(example.Code), subject, Number(gate.Began.UtcTicks));
            events.Add(Record(example with { Title = $"{gate.Held} more within a minute: {example.Title}" }, id, details));
        }
        gate.Restart(now);
    }

    private StormGate GateOf(Sighting sighting, ICollection<EventRecord> events)
    {
        var key = Key(sighting);
        if (gates.Count >= MostIncidents && !gates.ContainsKey(key)) MakeRoom(sighting.Time, events);
        if (!gates.TryGetValue(key, out var gate)) gates.Add(key, gate = new StormGate(sighting));
        if (gate.IsOver(sighting.Time)) Close(gate, key.Subject, sighting.Time, events);
        return gate;
    }

    private static (string Source, string Kind, int? Code, string Subject) Key(Sighting sighting) => (sighting.Source, sighting.Kind, sighting.Code, Subject(sighting.Gpu, sighting.Details));

    private bool IsKnown(Sighting sighting, string id, string witness, string subject)
    {
        var lineWindow = Incidents.LineWindow(sighting.Kind, sighting.Code);
        Incident? counterpart = null;
        foreach (var incident in incidents)
        {
            var apart = (sighting.Time - incident.Time).Duration();
            if (apart > Incidents.PairingWindow && apart > lineWindow) continue;
            if (incident.Kind != sighting.Kind || incident.Code != sighting.Code)
            {
                if (Incidents.Accompanies(sighting, incident.Kind, incident.Code) && (incident.Subject == subject || Incidents.NamesNoGpu(sighting.Kind, sighting.Gpu))) return true;
                continue;
            }
            if (incident.Subject != subject) continue;
            if (!incident.Witnesses.Contains(witness))
            {
                if (apart <= Incidents.PairingWindow && Incidents.CanPair(sighting.Kind)) counterpart ??= incident;
            }
            // One that is worse than the first is news: of the system processor, that not only a call took too long but its heart stopped.
            else if (apart <= lineWindow && lineWindow > TimeSpan.Zero && sighting.Severity <= incident.Severity && (incident.Pid is null || sighting.Process is null || incident.Pid == sighting.Process.Pid))
                return true;
        }
        if (counterpart is null) return false;
        counterpart.Witnesses.Add(witness);
        if (witness == Incidents.Kernel) paired.Add(id, counterpart.EventId);
        return true;
    }

    /// <summary>What lasts may begin in one boot and end in another: its key, which has the time in it, tells it from all others by itself.</summary>
    private string Id(Sighting sighting, string witness, string key) =>
        EventId.Of(sighting.Phase == EventPhase.Instant ? identity.BootId : "", identity.Node, witness, sighting.Kind, Number(sighting.Code), key);

    private EventRecord Record(Sighting sighting, string id, IReadOnlyDictionary<string, string>? details) => new()
    {
        Id = id,
        Time = sighting.Time,
        BootId = identity.BootId,
        Cluster = identity.Cluster,
        Node = identity.Node,
        Gpu = sighting.Gpu,
        Kind = sighting.Kind,
        Code = sighting.Code,
        Component = sighting.Component,
        Severity = sighting.Severity,
        Phase = sighting.Phase,
        Incident = sighting.Incident is { } began ? Id(sighting, Incidents.Witness(sighting.Source), began) : null,
        Title = sighting.Title,
        Evidence = new EventEvidence { Sources = [sighting.Source], RawLine = sighting.RawLine, Values = sighting.Values, Details = details },
        SuggestedAction = sighting.SuggestedAction,
        Runbook = sighting.Runbook,
        Process = sighting.Process,
    };

    private void Add(Incident incident)
    {
        if (incidents.Count == MostIncidents || (incidents.Count > 0 && incident.Time - incidents[0].Time > 4 * Incidents.PairingWindow))
            incidents.RemoveAll(old => incident.Time - old.Time > TimeSpan.FromSeconds(30));
        if (incidents.Count == MostIncidents) incidents.RemoveAt(0);
        incidents.Add(incident);
    }

    /// <summary>False for an id that was there.</summary>
    private bool Remember(string id)
    {
        if (!ids.Add(id)) return false;
        idsByAge.Enqueue(id);
        if (idsByAge.Count > MostIds) ids.Remove(idsByAge.Dequeue());
        return true;
    }

    private static string Subject(GpuReference? gpu, IReadOnlyDictionary<string, string>? details) =>
        details is not null && details.TryGetValue("device", out var device) ? device
        : gpu is null ? ""
        : PciAddress.Normalize(gpu.PciBusId) is { Length: > 0 } address ? address
        : gpu.Uuid.Length > 0 ? gpu.Uuid
        : Number(gpu.Index);

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>Something that happened, and who has told of it.</summary>
    private sealed record Incident(string EventId, string Kind, int? Code, EventSeverity Severity, string Subject, long? Pid, DateTimeOffset Time, HashSet<string> Witnesses);
}
