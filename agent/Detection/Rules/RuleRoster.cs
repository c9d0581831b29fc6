using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>The GPUs and the node, and which rule looks at which of them.</summary>
/// <param name="memory">What was saved before a restart.</param>
/// <param name="growth">The same of counters.</param>
/// <param name="toMoment">Turns a time by the wall clock into one of the engine's clock.</param>
/// <param name="unixMicroseconds">The wall clock.</param>
internal sealed class RuleRoster(RuleMemory memory, GrowthMemory growth, Func<long, long> toMoment, Func<long> unixMicroseconds)
{
    /// <summary>More than a node has; what names yet another one is no GPU of the node.</summary>
    private const int MostGpus = 128;

    private readonly List<WatchedSubject> subjects = [];
    private IReadOnlyList<RuleProgram> programs = [];
    private bool isStarted;

    /// <summary>The node.</summary>
    internal WatchedSubject Node { get; } = new(null);

    /// <summary>The node and the GPUs.</summary>
    internal List<WatchedSubject> Subjects => subjects;

    /// <summary>Whether a rule can be run.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal static void Check(RuleDefinition rule)
    {
        try
        {
            new PredicateCompiler([], "", []).Compile(rule.Trigger).Leave();
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException)
        {
            throw new ArgumentException($"Rule {rule.Name}: {exception.Message}", nameof(rule), exception);
        }
    }

    /// <summary>The time is known now: rules of the node begin.</summary>
    internal void Start()
    {
        isStarted = true;
        subjects.Add(Node);
        UseNode();
    }

    /// <summary>Replaces the rules.</summary>
    internal void Use(IReadOnlyList<RuleProgram> rules)
    {
        foreach (var subject in subjects)
            foreach (var watch in subject.Watches)
                if (!rules.Contains(watch.Program)) watch.Trigger.Leave();
        programs = rules;
        if (!isStarted) return;
        foreach (var subject in subjects)
            if (subject.Gpu is { } gpu) subject.Use([.. programs.Select(program => ForGpu(subject, program, gpu)).OfType<RuleWatch>()]);
        UseNode();
    }

    /// <summary>The subject of a GPU; null for one that is not known.</summary>
    internal WatchedSubject? Find(GpuSubject gpu)
    {
        foreach (var subject in subjects)
            if (ReferenceEquals(subject.Gpu, gpu)) return subject;
        foreach (var subject in subjects)
        {
            if (subject.Gpu is not { } known || !GpuMatch.IsSame(known, gpu.Reference)) continue;
            Describe(subject, known, gpu);
            return subject;
        }
        return null;
    }

    /// <summary>Begins to watch a GPU.</summary>
    internal WatchedSubject Add(GpuSubject gpu)
    {
        var subject = new WatchedSubject(gpu);
        subjects.Add(subject);
        subject.Use([.. programs.Select(program => ForGpu(subject, program, gpu)).OfType<RuleWatch>()]);
        UseNode();
        return subject;
    }

    /// <summary>The subject of a GPU that an event names: it may have fallen off the bus before anybody saw it. Null where there are too many.</summary>
    internal WatchedSubject? FindOrAdd(GpuReference gpu)
    {
        if (Find(gpu) is { } known) return known;
        return subjects.Count > MostGpus ? null : Add(GpuSubject.Of(gpu));
    }

    /// <summary>The subject of a GPU that is named; null for one that is not known.</summary>
    internal WatchedSubject? Find(GpuReference gpu) => subjects.Find(subject => subject.Gpu is { } known && GpuMatch.IsSame(known, gpu));

    /// <summary>Ends what fires for GPUs that have been away for so long, and watches them no longer.</summary>
    internal void RemoveGone(long now, long nanoseconds, long unixMicroseconds)
    {
        foreach (var gone in subjects.Where(subject => subject.IsGone(now, nanoseconds)).ToArray()) Remove(gone, unixMicroseconds);
    }

    private void Remove(WatchedSubject gone, long unixMicroseconds)
    {
        subjects.Remove(gone);
        foreach (var watch in gone.Watches) Leave(watch, unixMicroseconds, "the GPU is no longer there");
    }

    private static void Leave(RuleWatch watch, long unixMicroseconds, string reason)
    {
        watch.Trigger.Leave();
        if (watch.IsMember)
        {
            watch.Program.Quorum!.Remove(watch.Trigger);
            return;
        }
        watch.Instance.End(unixMicroseconds, reason);
        watch.Program.Remove(watch.Instance);
    }

    /// <summary>
    /// More is known of a GPU than before: an event named it before the driver showed it, or its index is another one by now. Rules that
    /// its model, index or UUID make look otherwise do so from here on; what the others know stays as it is.
    /// </summary>
    private void Describe(WatchedSubject subject, GpuSubject known, GpuSubject gpu)
    {
        subject.Gpu = gpu;
        var before = subject.Watches.Select(static watch => watch.Program).ToArray();
        if (known.Model != gpu.Model || known.Index != gpu.Index || known.Uuid != gpu.Uuid)
            subject.Use([.. programs.Select(program => Anew(subject, program, known, gpu)).OfType<RuleWatch>()]);
        foreach (var watch in subject.Watches)
        {
            if (!watch.IsMember) watch.Instance.Gpu = gpu;
            if (!before.Contains(watch.Program)) subject.CatchUp(watch);
        }
        UseNode();
    }

    private RuleWatch? Anew(WatchedSubject subject, RuleProgram program, GpuSubject known, GpuSubject gpu)
    {
        if (subject.Watches.FirstOrDefault(watch => ReferenceEquals(watch.Program, program)) is not { } watch) return ForGpu(subject, program, gpu);
        if (FilterText.Refusal(program.Rule.Filter, gpu) is { Length: > 0 } refusal)
        {
            Leave(watch, unixMicroseconds(), refusal);
            return null;
        }
        if (program.DependsOn(known, gpu)) return Renew(watch, [], gpu);
        if (watch.IsMember) program.Quorum!.Add(gpu, watch.Trigger);
        return watch;
    }

    /// <summary>The same watch with a trigger that is made for what is known of the GPU now, and that goes on from the one before.</summary>
    private static RuleWatch Renew(RuleWatch watch, IReadOnlyList<KeyValuePair<string, string>> labels, GpuSubject gpu)
    {
        var program = watch.Program;
        watch.Trigger.Leave();
        var trigger = Compile(program, labels, gpu);
        trigger.Inherit(watch.Trigger);
        if (watch.IsMember)
        {
            program.Quorum!.Remove(watch.Trigger);
            program.Quorum.Add(gpu, trigger);
        }
        else watch.Instance.Trigger = trigger;
        return watch with { Trigger = trigger };
    }

    private static Predicate Compile(RuleProgram program, IReadOnlyList<KeyValuePair<string, string>> labels, GpuSubject? gpu) =>
        program.Held(new PredicateCompiler(labels, gpu?.Model ?? "", program.Peers).Compile(program.Trigger), gpu);

    /// <summary>Begins what the node's series and GPUs ask for.</summary>
    internal void UseNode()
    {
        if (isStarted) Node.Use([.. programs.SelectMany(ForNode)]);
    }

    /// <summary>Why a rule looks at nothing.</summary>
    internal string WhyNowhere(RuleProgram program)
    {
        if (program.Refusal.Length > 0) return program.Refusal;
        if (program.Quorum is not null && program.Reach == RuleReach.Node) return "series of the node are not counted by GPU";
        var refusals = subjects.Select(static subject => subject.Gpu).OfType<GpuSubject>().Select(gpu => FilterText.Refusal(program.Rule.Filter, gpu)).Where(static why => why.Length > 0);
        return refusals.FirstOrDefault() ?? "nothing of what it looks at was seen yet";
    }

    /// <summary>Ends an incident from before a restart that nobody will end.</summary>
    internal void EndSaved(SavedInstance saved, RuleDefinition? rule, NodeIdentity node, IRuleListener listener, long unixMicroseconds, string reason)
    {
        var definition = rule ?? new RuleDefinition { Name = saved.Rule, Trigger = new AbsenceTrigger(null, TimeSpan.Zero) };
        var gpu = saved.Gpu is not { } named ? null
            : subjects.Select(static subject => subject.Gpu).FirstOrDefault(known => known is not null && GpuMatch.IsSame(known, named)) ?? GpuSubject.Of(named);
        var program = new RuleProgram(definition, saved.Fingerprint, node, listener);
        var instance = new RuleInstance(program, gpu, saved.Name, new EventPredicate(new EventTrigger("", [], default, 1, TimeSpan.Zero, false)));
        instance.Restore(saved with { Seen = [] }, toMoment);
        instance.End(unixMicroseconds, reason);
    }

    private RuleWatch? ForGpu(WatchedSubject subject, RuleProgram program, GpuSubject gpu)
    {
        foreach (var watch in subject.Watches)
            if (ReferenceEquals(watch.Program, program)) return watch;
        if (program.Reach == RuleReach.Node || program.Refusal.Length > 0 || FilterText.Refusal(program.Rule.Filter, gpu).Length > 0) return null;
        var trigger = Compile(program, [], gpu);
        growth.Recall(program, trigger, gpu, "");
        if (program.Quorum is not { } quorum) return new RuleWatch(program, trigger, Instance(program, gpu, "", trigger));
        quorum.Add(gpu, trigger);
        return new RuleWatch(program, trigger, program.Instances.Count > 0 ? program.Instances[0] : Instance(program, null, "", quorum));
    }

    private IEnumerable<RuleWatch> ForNode(RuleProgram program)
    {
        if (program.Reach == RuleReach.Gpu || program.Quorum is not null || program.Refusal.Length > 0) return [];
        var known = Node.Watches.Where(watch => ReferenceEquals(watch.Program, program)).ToList();
        if (program.Rule.Per.Count == 0)
            return known.Count > 0 ? known : [NodeWatch(program, new NodeInstance("", null, []))];
        var selectors = PredicateCompiler.Selectors(program.Rule.Trigger).Select(static selector => new SeriesReader(selector, [])).ToArray();
        var gpus = subjects.Select(static subject => subject.Gpu).OfType<GpuSubject>().ToArray();
        foreach (var instance in NodeInstance.Find(program.Rule, selectors, Node.Frame.Layout, gpus))
        {
            var watch = known.Find(watch => watch.Instance.Name == instance.Name);
            if (watch is not null)
            {
                if (instance.Gpu is not { } gpu) continue;
                if (watch.Instance.Gpu is { } before && program.DependsOn(before, gpu)) known[known.IndexOf(watch)] = Renew(watch, instance.Labels, gpu);
                watch.Instance.Gpu = gpu;
            }
            else if (MakeRoom(program, known)) known.Add(NodeWatch(program, instance));
        }
        return known;
    }

    // Instances whose series are gone are kept, since a rule may look for just that; they give way to new ones.
    private static bool MakeRoom(RuleProgram program, List<RuleWatch> known)
    {
        if (known.Count < NodeInstance.MostPerRule) return true;
        var place = known.FindIndex(static watch => !watch.Trigger.HasSeries && !watch.Instance.IsFiring);
        if (place < 0) return false;
        program.Remove(known[place].Instance);
        known[place].Trigger.Leave();
        known.RemoveAt(place);
        return true;
    }

    private RuleWatch NodeWatch(RuleProgram program, NodeInstance instance)
    {
        var trigger = Compile(program, instance.Labels, instance.Gpu);
        growth.Recall(program, trigger, null, instance.Name);
        return new RuleWatch(program, trigger, Instance(program, instance.Gpu, instance.Name, trigger));
    }

    private RuleInstance Instance(RuleProgram program, GpuSubject? gpu, string name, Predicate trigger)
    {
        var instance = new RuleInstance(program, gpu, name, trigger, unixMicroseconds());
        program.Add(instance);
        if (memory.Take(instance) is { } saved) instance.Restore(saved, toMoment);
        if (program.LastCapture is null && memory.LastCaptures.TryGetValue(program.Rule.Name, out var last)) program.LastCapture = (toMoment(last), last);
        return instance;
    }
}
