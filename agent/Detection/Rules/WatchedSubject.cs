using System.Globalization;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>A rule's trigger at work on a subject, and the instance that it drives: its own, or the rule's over several GPUs.</summary>
internal sealed record RuleWatch(RuleProgram Program, Predicate Trigger, RuleInstance Instance)
{
    /// <summary>True where the instance asks several GPUs.</summary>
    internal bool IsMember => !ReferenceEquals(Trigger, Instance.Trigger);

    /// <summary>Looks at the moment, and lets the instance draw its conclusions.</summary>
    internal void Update(SubjectFrame frame, long unixMicroseconds, bool isAfterStall)
    {
        var truth = Trigger.Update(frame);
        // One GPU's gap says nothing of the others.
        var isAfterGap = IsMember ? isAfterStall : isAfterStall || (Trigger.Tiers & frame.Gaps) != 0;
        Instance.Advance(IsMember ? Instance.Trigger.Update(frame) : truth, frame.Now, unixMicroseconds, isAfterGap);
    }
}

/// <summary>A GPU, or the node, with its last frame and the rules that look at it.</summary>
/// <param name="gpu">The GPU; null for the node.</param>
internal sealed class WatchedSubject(GpuSubject? gpu)
{
    // Which rules mean a GPU is known with its first frame; more events than this come before one only where many were read late.
    private const int MostEarly = 256;

    private readonly Queue<(EventRecord Record, long At, long UnixMicroseconds)> early = [];
    private RuleWatch[] watches = [];

    // Who is to look, by the tiers that were read; made when first asked for. Most rules read slow series, and are not touched for most frames.
    private readonly RuleWatch[]?[] lookers = new RuleWatch[]?[(int)(Tiers.Fast | Tiers.Medium | Tiers.Slow) + 1];
    private long lookedAt = long.MinValue;
    private long stalled;

    /// <summary>The GPU, with all that is known of it by now; null for the node.</summary>
    internal GpuSubject? Gpu { get; set; } = gpu;

    internal SubjectFrame Frame { get; } = new();

    /// <summary>When it was last known to be sampled no more, in nanoseconds; <see cref="long.MaxValue"/> while it is.</summary>
    internal long LeftAt { get; set; } = long.MaxValue;

    /// <summary>True for one that has been away for so long.</summary>
    internal bool IsGone(long now, long nanoseconds) => LeftAt <= now && now - LeftAt >= nanoseconds;

    /// <summary>In the order of the rules.</summary>
    internal IReadOnlyList<RuleWatch> Watches => watches;

    /// <summary>Replaces the rules that look at it, and shows the new ones its series.</summary>
    internal void Use(RuleWatch[] now)
    {
        foreach (var watch in now)
            if (Array.IndexOf(watches, watch) < 0) watch.Trigger.Bind(Frame.Layout);
        watches = now;
        Array.Clear(lookers);
    }

    /// <summary>Shows every rule the series of a new layout.</summary>
    internal void Bind()
    {
        foreach (var watch in watches) watch.Trigger.Bind(Frame.Layout);
        Array.Clear(lookers);
        early.Clear();
    }

    /// <summary>Lets the rules look that read what is new, and those that time alone can change.</summary>
    internal void Update(long unixMicroseconds)
    {
        var isAfterStall = NoteStall();
        lookedAt = Frame.Now;
        foreach (var watch in lookers[(int)Frame.Read] ??= Lookers(Frame.Read)) watch.Update(Frame, unixMicroseconds, isAfterStall);
    }

    /// <summary>True where nobody looked for so long.</summary>
    internal bool IsOverdue(long now, long nanoseconds) => lookedAt == long.MinValue || now - lookedAt >= nanoseconds;

    /// <summary>Time went by.</summary>
    internal void Tick(long now, long awake, long unixMicroseconds)
    {
        Frame.Tick(now, awake);
        Update(unixMicroseconds);
    }

    /// <summary>Gives an event to the rules that take events.</summary>
    internal void Take(EventRecord record, long at, long unixMicroseconds)
    {
        Hold(record, at, unixMicroseconds);
        foreach (var watch in watches)
        {
            if (!watch.Trigger.TakesEvents || !Concerns(watch, record)) continue;
            watch.Trigger.Take(record, at);
            watch.Update(Frame, unixMicroseconds, isAfterStall: false);
        }
    }

    /// <summary>
    /// Gives an event of before a restart to the rules that take events. What fires already is not asked: it would seem to end until
    /// all of them are there.
    /// </summary>
    internal void CatchUp(EventRecord record, long at, long unixMicroseconds, long now, long awake)
    {
        Frame.Tick(now, awake);
        Hold(record, at, unixMicroseconds);
        foreach (var watch in watches) CatchUp(watch, record, at, unixMicroseconds);
    }

    /// <summary>Gives the events of before the first frame to a rule that began to look only with what the frame tells of the GPU.</summary>
    internal void CatchUp(RuleWatch late)
    {
        foreach (var (record, at, unixMicroseconds) in early) CatchUp(late, record, at, unixMicroseconds);
    }

    private void CatchUp(RuleWatch watch, EventRecord record, long at, long unixMicroseconds)
    {
        if (!watch.Trigger.TakesEvents || !Concerns(watch, record)) return;
        watch.Trigger.Take(record, at);
        if (!watch.Instance.IsFiring) watch.Update(Frame, unixMicroseconds, isAfterStall: false);
    }

    private void Hold(EventRecord record, long at, long unixMicroseconds)
    {
        if (Gpu is null || Frame.LastFrame != long.MinValue) return;
        if (early.Count == MostEarly) early.Dequeue();
        early.Enqueue((record, at, unixMicroseconds));
    }

    // To a rule of the node that looks at series too, every event of the node counts; one of events alone leaves a GPU's to the GPU.
    private bool Concerns(RuleWatch watch, EventRecord record) => Gpu is not null || record.Gpu is null
        || (watch.Program.Reach == RuleReach.Node && (watch.Instance.Gpu is not { } own || GpuMatch.IsSame(own, record.Gpu)));

    private RuleWatch[] Lookers(Tiers read) => Array.FindAll(watches, watch => watch.Trigger.IsTimed || (watch.Trigger.Tiers & read) != 0);

    // The engine itself was not run for a while.
    private bool NoteStall()
    {
        var before = stalled;
        stalled = Frame.Now - Frame.Awake;
        return stalled > before;
    }
}

/// <summary>Tells whether two descriptions mean the same GPU.</summary>
internal static class GpuMatch
{
    internal static bool IsSame(GpuSubject subject, GpuReference other)
    {
        if (subject.Uuid.Length > 0 && other.Uuid.Length > 0) return subject.Uuid == other.Uuid;
        if (subject.PciBusId.Length > 0 && other.PciBusId.Length > 0) return Pci(subject.PciBusId) == Pci(other.PciBusId);
        return other.Index is { } index && index == subject.Index;
    }

    // The kernel writes 0000:3b:00, the driver 00000000:3B:00.0.
    private static string Pci(string id)
    {
        var text = id.ToLower(CultureInfo.InvariantCulture);
        if (text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot) text = text[..dot];
        return text.TrimStart('0');
    }
}
