using System.Text.Json;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>
/// Runs the rules. One thread feeds it; every time comes from what it is fed, so that a recording replays exactly. Windows and periods
/// run on the monotonic timestamps, the wall clock only dates events. Feeding it allocates nothing while nothing changes.
/// </summary>
internal sealed class RuleEngine
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long NanosecondsPerMicrosecond = 1_000;

    /// <summary>What was saved of a GPU that does not come back is ended after this time.</summary>
    private const long PatienceForSaved = 600 * NanosecondsPerSecond;

    /// <summary>That a GPU is silent is for rules to find; one that is gone for a day was taken out.</summary>
    private const long RememberGone = 24 * 3600 * NanosecondsPerSecond;

    /// <summary>Longer without a turn means that the engine itself stood still, not what it watches.</summary>
    private const long LongestTurn = 2 * NanosecondsPerSecond;

    /// <summary>What only time changes is looked at so often where no frame comes; at each frame of the subject in any case.</summary>
    private const long TickInterval = NanosecondsPerSecond / 4;

    private readonly IRuleListener listener;
    private readonly Func<string, JobReference?>? jobOf;
    private readonly NodeIdentity node;
    private readonly long timestampFrequency;
    private readonly RuleMemory memory = new();
    private readonly GrowthMemory growth;
    private readonly RuleRoster roster;
    private readonly StatusBoard board = new();
    private readonly Func<IReadOnlyList<RuleStatus>> buildStatus;
    private List<RuleProgram> programs = [];
    private long now = long.MinValue;
    private long unixMicroseconds;
    private long stalled;
    private long startedAt;

    /// <param name="node">Who the node is.</param>
    /// <param name="listener">Who is told.</param>
    /// <param name="timestampFrequency">Ticks a second of the timestamps that it is fed; 0 for the system's.</param>
    /// <param name="jobOf">The job of a GPU by its UUID, see <see cref="GpuJobs"/>; null where nobody can tell.</param>
    internal RuleEngine(NodeIdentity node, IRuleListener listener, long timestampFrequency = 0, Func<string, JobReference?>? jobOf = null)
    {
        (this.node, this.listener, this.jobOf) = (node, listener, jobOf);
        this.timestampFrequency = timestampFrequency > 0 ? timestampFrequency : TimeProvider.System.TimestampFrequency;
        growth = new GrowthMemory(ToMoment, ToUnixMicroseconds);
        roster = new RuleRoster(memory, growth, ToMoment, () => this.unixMicroseconds);
        buildStatus = BuildStatus;
    }

    /// <summary>
    /// Uses these rules. One that says what it said before keeps its state, windows and limits; one that changed or is gone is ended where
    /// it fires.
    /// </summary>
    /// <exception cref="ArgumentException">A rule cannot be run; the rules are as they were.</exception>
    internal void Use(IReadOnlyList<RuleDefinition> rules, long unixMicroseconds)
    {
        List<RuleProgram> next = [];
        foreach (var rule in rules)
        {
            RuleRoster.Check(rule);
            var fingerprint = RuleFingerprint.Of(rule);
            var known = programs.Find(program => program.Rule.Name == rule.Name && program.Fingerprint == fingerprint);
            next.Add(known ?? new RuleProgram(rule, fingerprint, node, listener, unixMicroseconds, jobOf));
        }
        for (var i = 0; i < rules.Count; i++) next[i].Rule = rules[i];
        foreach (var gone in programs.Except(next).ToArray())
        {
            var isChanged = next.Exists(program => program.Rule.Name == gone.Rule.Name);
            foreach (var instance in gone.Instances.ToArray())
            {
                if (isChanged) memory.Hold(instance.Save()?.Facts);
                instance.End(unixMicroseconds, isChanged ? "the rule was changed" : "the rule was removed");
            }
        }
        Volatile.Write(ref programs, next);
        foreach (var program in programs) program.Tellers = [.. programs.Where(other => program.Rule.ToldBy.Contains(other.Rule.Name))];
        EndSaved(memory.TakeOthers(programs), unixMicroseconds, "the rule was changed or removed");
        roster.Use(programs);
        board.Turn(buildStatus);
    }

    /// <summary>Takes a frame of a GPU. Only frames of whole GPUs: one GPU has one layout at a time.</summary>
    internal void Take(GpuSubject gpu, FrameLayout layout, in FrameStamp stamp, ReadOnlySpan<double> values)
    {
        var moment = MoveTo(stamp.Timestamp, stamp.UnixMicroseconds);
        var subject = roster.Find(gpu) ?? roster.Add(gpu);
        subject.LeftAt = long.MaxValue;
        if (subject.Frame.Take(layout, stamp.Read, values, moment, moment - stalled)) subject.Bind();
        subject.Update(stamp.UnixMicroseconds);
    }

    /// <summary>Takes the node's metrics. A layout is to be the same object for as long as the series are the same.</summary>
    internal void TakeNode(FrameLayout layout, in FrameStamp stamp, ReadOnlySpan<double> values)
    {
        var moment = MoveTo(stamp.Timestamp, stamp.UnixMicroseconds);
        if (roster.Node.Frame.Take(layout, stamp.Read, values, moment, moment - stalled))
        {
            roster.UseNode();
            roster.Node.Bind();
        }
        roster.Node.Update(stamp.UnixMicroseconds);
    }

    /// <summary>
    /// Takes an event. It counts at its own time, which may be past; what fires at once on it is dated by it, so that the same event
    /// makes the same finding however often it is fed. Findings of rules are passed over.
    /// </summary>
    internal void Take(EventRecord record)
    {
        if (record.Kind == EventKinds.Anomaly || now == long.MinValue) return;
        if (record.Gpu is { } gpu && roster.FindOrAdd(gpu) is { } subject) Take(subject, record);
        Take(roster.Node, record);
    }

    /// <summary>
    /// Takes an event that is in the journal and not in the state that was restored; oldest first, after the rules and before anything
    /// else is fed. It fires what <see cref="Take(EventRecord)"/> would have fired before the restart.
    /// </summary>
    internal void CatchUp(EventRecord record, long timestamp, long unixMicroseconds)
    {
        MoveTo(timestamp, unixMicroseconds);
        if (record.Kind == EventKinds.Anomaly) return;
        var time = WallClock.ToUnixMicroseconds(record.Time);
        var at = ToMoment(time);
        if (record.Gpu is { } gpu && roster.FindOrAdd(gpu) is { } subject) subject.CatchUp(record, at, time, now, now - stalled);
        roster.Node.CatchUp(record, at, time, now, now - stalled);
    }

    /// <summary>Says how late it is; to be called at least once a second, and before events are fed.</summary>
    internal void Tick(long timestamp, long unixMicroseconds)
    {
        var moment = MoveTo(timestamp, unixMicroseconds);
        var isAnyGone = false;
        foreach (var subject in roster.Subjects)
        {
            if (subject.IsOverdue(moment, TickInterval)) subject.Tick(moment, moment - stalled, unixMicroseconds);
            isAnyGone |= subject.IsGone(moment, RememberGone);
        }
        if (isAnyGone) roster.RemoveGone(moment, RememberGone, unixMicroseconds);
        if (now - startedAt <= PatienceForSaved) return;
        growth.Forget();
        if (memory.Waiting.Count > 0)
            EndSaved(memory.TakeAll(), unixMicroseconds, "not seen again since the agent was restarted");
    }

    /// <summary>
    /// Nobody samples the GPU any more. What fires for it goes on firing until it was away for a day; a frame of it says that it is back.
    /// </summary>
    internal void Leave(GpuSubject gpu)
    {
        if (roster.Find(gpu.Reference) is { } subject) subject.LeftAt = now;
    }

    /// <summary>
    /// A person says that the present is how it should be: what a rule remembers of better times is forgotten, and it ends where that
    /// was why it fired.
    /// </summary>
    internal void Forget(string rule, GpuReference? gpu, string name)
    {
        foreach (var instance in programs.Where(program => program.Rule.Name == rule).SelectMany(static program => program.Instances).ToArray())
        {
            if (instance.Name != name || (gpu is null ? instance.Gpu is not null : instance.Gpu is not { } own || !GpuMatch.IsSame(own, gpu))) continue;
            FallenPredicate[] parts = [.. instance.Trigger.FallenParts];
            foreach (var part in parts) part.Forget();
            // What is there no more gives no reading that would end it.
            if (parts.Length > 0 && !instance.Trigger.HasSeries) instance.End(unixMicroseconds, "a person cleared it");
        }
    }

    /// <summary>Where every instance of every rule stands. Any thread may ask; the engine never waits for one that does.</summary>
    internal IReadOnlyList<RuleStatus> Status() => board.Ask(buildStatus);

    /// <summary>How many instances of each rule stand where. Any thread may ask, and none waits for the other.</summary>
    internal IReadOnlyList<RuleTally> Tallies()
    {
        var saved = memory.Waiting;
        return [.. Volatile.Read(ref programs).Select(program => RuleTally.Of(program, saved))];
    }

    /// <summary>What is to survive a restart: what fires, limits, and the events in windows.</summary>
    internal JsonElement Save()
    {
        List<SavedInstance> saved = [.. memory.Waiting];
        foreach (var program in programs)
            foreach (var instance in program.Instances)
                if (instance.Save() is { } state) saved.Add(state);
        var captures = new Dictionary<string, long>(memory.LastCaptures);
        foreach (var program in programs)
            if (program.LastCapture is { } last) captures[program.Rule.Name] = last.UnixMicroseconds;
        return JsonSerializer.SerializeToElement(new SavedRules(saved, captures), SavedRulesJson.Default.SavedRules);
    }

    /// <summary>How far counters had come that rules watch for growth; it changes with every one that grows.</summary>
    internal SavedGrowth SaveGrowth() => growth.Save(node.BootId, roster.Subjects);

    /// <summary>Goes on from where counters were; to be called before anything is fed. Each has the time of its last reading.</summary>
    internal void Restore(SavedGrowth saved) => growth.Load(saved);

    /// <summary>Goes on from what was saved; to be called before anything is fed. What cannot be read is as nothing.</summary>
    internal void Restore(JsonElement state) => memory.Load(SavedRules.Read(state));

    /// <summary>
    /// Takes a finding that is in the journal after the state that was restored, so that it is not made a second time; in the journal's
    /// order, after <see cref="Restore(JsonElement)"/> and before anything is fed.
    /// </summary>
    internal void Recall(EventRecord record) => memory.Recall(record);

    private void Take(WatchedSubject subject, EventRecord record)
    {
        // What is new of the last frame was looked at already.
        subject.Tick(now, now - stalled, unixMicroseconds);
        var time = WallClock.ToUnixMicroseconds(record.Time);
        subject.Take(record, ToMoment(time), time);
    }

    private long MoveTo(long timestamp, long unixMicroseconds)
    {
        var moment = ToNanoseconds(timestamp);
        var isFirst = now == long.MinValue;
        if (isFirst) (now, startedAt) = (moment, moment);
        if (moment > now)
        {
            stalled += Math.Max(0, moment - now - LongestTurn);
            now = moment;
        }
        this.unixMicroseconds = unixMicroseconds;
        if (isFirst) roster.Start();
        board.Turn(buildStatus);
        return moment;
    }

    // Events and what was saved know only the wall clock. What seems to lie ahead happened just now.
    private long ToMoment(long unixMicroseconds)
    {
        var age = Math.Max(0, this.unixMicroseconds - unixMicroseconds);
        return now - Math.Min(age, long.MaxValue / 4 / NanosecondsPerMicrosecond) * NanosecondsPerMicrosecond;
    }

    private long ToUnixMicroseconds(long moment) => unixMicroseconds - (now - moment) / NanosecondsPerMicrosecond;

    private long ToNanoseconds(long timestamp) => timestampFrequency == NanosecondsPerSecond ? timestamp
        : (long)((Int128)timestamp * NanosecondsPerSecond / timestampFrequency);

    private void EndSaved(IReadOnlyList<SavedInstance> saved, long unixMicroseconds, string reason)
    {
        foreach (var item in saved)
        {
            if (!item.IsFiring) continue;
            var rule = programs.Find(program => program.Rule.Name == item.Rule)?.Rule;
            roster.EndSaved(item, rule, node, listener, unixMicroseconds, reason);
        }
    }

    private List<RuleStatus> BuildStatus()
    {
        List<RuleStatus> status = [];
        foreach (var program in programs)
        {
            foreach (var instance in program.Instances) status.Add(instance.Status());
            foreach (var saved in memory.Waiting)
                if (saved.IsFiring && saved.Rule == program.Rule.Name)
                    status.Add(new RuleStatus(saved.Rule, saved.Gpu is { } gpu ? GpuSubject.Of(gpu) : null, saved.Name, RuleState.Firing, saved.FiredUnixMicroseconds, program.Rule.Shadow, false, saved.Fired, saved.Suppressed,
                        "fired before the agent was restarted, and was not seen since"));
            if (program.Instances.Count == 0 && !status.Exists(one => one.Rule == program.Rule.Name))
                status.Add(new RuleStatus(program.Rule.Name, null, "", RuleState.NoData, program.SinceUnixMicroseconds, program.Rule.Shadow, false, 0, 0, roster.WhyNowhere(program)));
        }
        return status;
    }
}
