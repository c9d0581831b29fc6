using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>What was saved before a restart, until the rule and the GPU that it belongs to are there again.</summary>
internal sealed class RuleMemory
{
    private const int MostEntries = 4096;

    // Replaced as a whole, so that any thread may look.
    private SavedInstance[] waiting = [];
    private Dictionary<string, long> lastCaptures = [];

    /// <summary>Instances that nobody asked for yet.</summary>
    internal IReadOnlyList<SavedInstance> Waiting => Volatile.Read(ref waiting);

    /// <summary>When each rule last asked for a capture, microseconds since 1970.</summary>
    internal IReadOnlyDictionary<string, long> LastCaptures => lastCaptures;

    /// <summary>Takes what was saved.</summary>
    internal void Load(SavedRules saved)
    {
        Use([.. saved.Instances.Take(MostEntries)]);
        lastCaptures = new Dictionary<string, long>(saved.LastCaptures);
    }

    /// <summary>Takes an event of a rule that is later than what was saved.</summary>
    internal void Recall(EventRecord record)
    {
        if (record.Rule is not { } rule || record.Kind != EventKinds.Anomaly) return;
        var name = record.Evidence.Details?.GetValueOrDefault("instance") ?? "";
        var place = Array.FindIndex(waiting, item => item.Rule == rule && item.Name == name && IsSame(item.Gpu, record.Gpu));
        if (record.Phase == EventPhase.Ended)
        {
            if (place >= 0 && waiting[place].Incident == record.Incident) Replace(place, waiting[place] with { IsFiring = false, Incident = null });
            return;
        }
        var at = WallClock.ToUnixMicroseconds(record.Time);
        var known = place >= 0 ? waiting[place] : new SavedInstance(rule, "", record.Gpu, name, false, 0, null, 0, 0, 0, [], [], []);
        if (known.FiredUnixMicroseconds >= at) return;
        var fired = known with { IsFiring = true, FiredUnixMicroseconds = at, Incident = record.Id, Fired = known.Fired + 1, Events = [.. known.Events, at] };
        if (place >= 0) Replace(place, fired);
        else if (waiting.Length < MostEntries) Use([.. waiting, fired]);
    }

    /// <summary>What was saved of an instance, once; null for nothing.</summary>
    internal SavedInstance? Take(RuleInstance instance)
    {
        for (var i = 0; i < waiting.Length; i++)
        {
            if (!Belongs(waiting[i], instance.Program) || waiting[i].Name != instance.Name) continue;
            if (instance.Gpu is null ? waiting[i].Gpu is not null : waiting[i].Gpu is not { } gpu || !GpuMatch.IsSame(instance.Gpu, gpu)) continue;
            var found = waiting[i];
            Use([.. waiting[..i], .. waiting[(i + 1)..]]);
            return found;
        }
        return null;
    }

    /// <summary>Takes away what none of these rules will ask for; of a rule that changed the facts stay.</summary>
    internal IReadOnlyList<SavedInstance> TakeOthers(IReadOnlyCollection<RuleProgram> programs)
    {
        var others = waiting.Where(item => !programs.Any(program => Belongs(item, program))).ToArray();
        if (others.Length > 0) Use([.. waiting.Where(item => Array.IndexOf(others, item) < 0)]);
        foreach (var other in others)
            if (programs.Any(program => program.Rule.Name == other.Rule)) Hold(other.Facts);
        return others;
    }

    /// <summary>Holds what an instance that ends knows, for the one that takes its place.</summary>
    internal void Hold(SavedInstance? facts)
    {
        if (facts is not null && waiting.Length < MostEntries) Use([.. waiting, facts]);
    }

    /// <summary>Takes away everything.</summary>
    internal IReadOnlyList<SavedInstance> TakeAll()
    {
        var all = waiting;
        Use([]);
        return all;
    }

    private void Use(SavedInstance[] now) => Volatile.Write(ref waiting, now);

    private void Replace(int place, SavedInstance by) => Use([.. waiting[..place], by, .. waiting[(place + 1)..]]);

    private static bool Belongs(SavedInstance item, RuleProgram program) =>
        item.Rule == program.Rule.Name && (item.Fingerprint.Length == 0 || item.Fingerprint == program.Fingerprint);

    private static bool IsSame(GpuReference? a, GpuReference? b) => a is null || b is null ? a is null && b is null
        : GpuMatch.IsSame(GpuSubject.Of(a), b);
}
