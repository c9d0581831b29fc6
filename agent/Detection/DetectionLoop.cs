using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// The one thread that owns rules and health. Twenty times a second it takes what the sources saw and every frame that the lanes took
/// since, so that an event is on its way to the disk within two such rounds of the sample that crossed. It never calls the driver and
/// never waits for the disk.
/// </summary>
internal sealed partial class DetectionLoop : IRuleListener
{
    /// <summary>How often it looks: twice in a fast interval at the default rate.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan SecondInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    // The windows of event rules are part of the state and grow without a change of any rule.
    private static readonly TimeSpan KeepInterval = TimeSpan.FromMinutes(1);

    // What changed since is found in the journal after a sudden end; rules that go to and fro must not push its events out.
    private static readonly TimeSpan KeepAtMostEvery = TimeSpan.FromSeconds(1);

    // A fault that comes back in every round is said this often, and counted each time.
    private static readonly TimeSpan SayFaultEvery = TimeSpan.FromMinutes(10);

    private readonly StopSignal stop = new();
    private readonly DetectionParts parts;
    private readonly NodeSampler node;
    private readonly IEventJournal journal;
    private readonly HealthEvaluator health;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly NodeFrames nodeFrames;
    private readonly HealthSubjects subjects;
    private readonly RuleKeeping keeping;
    private readonly GrowthKeeping growth;
    private readonly ProcessKeeping processes;
    private readonly SightingIntake intake;
    private readonly Action follow;
    private readonly Action takeUp;
    private readonly Action takeSightings;
    private readonly Action everySecond;
    private readonly Action look;
    private readonly Action keep;
    private LaneFrames[] lanes = [];
    private GpuLane[] followed = [];
    private LoadedRules? loaded;
    private NodeMetric[] nodeMetrics = [];
    private Thread? thread;
    private long secondAt = long.MinValue;
    private long rounds;
    private long faults;
    private long faultSaidAt = long.MinValue;
    private long busy;
    private long missedByOthers;
    private long keptAt;
    private bool isStateNew;

    internal DetectionLoop(DetectionParts parts, NodeSampler node, NodeReadings readings, IEventJournal journal, HealthEvaluator health, TimeProvider time, ILogger<DetectionLoop> logger)
    {
        (this.parts, this.node, this.journal, this.health, this.time, this.logger) = (parts, node, journal, health, time, logger);
        nodeFrames = new NodeFrames(readings);
        subjects = new HealthSubjects(node);
        Rules = new RuleEngine(parts.Identity, this, time.TimestampFrequency, parts.Jobs is { } jobs ? jobs.OrNotYet : null);
        keeping = new RuleKeeping(Rules, journal);
        keeping.Restore();
        growth = new GrowthKeeping(Rules, journal, parts.Identity.BootId, time);
        growth.Restore();
        processes = new ProcessKeeping(journal, parts.Identity.BootId, time);
        processes.Restore();
        keptAt = time.GetTimestamp();
        (follow, takeUp, takeSightings, everySecond, look, keep) = (Follow, TakeUp, () => intake!.Take(time.GetTimestamp()), EverySecond, health.Look, Keep);
        intake = new SightingIntake(parts.Queue, parts.Merger, journal, Publish, Failed, time) { KnowsGpus = KnowsGpus };
        intake.Restore();
        health.Settled = node.SettleDevices;
        health.Waived = (rule, gpu, instance) => Rules.Forget(rule, gpu?.Reference, instance);
    }

    /// <summary>The rules as they run.</summary>
    internal RuleEngine Rules { get; }

    /// <summary>Rounds so far: a thread that lives makes it grow.</summary>
    internal long Rounds => Volatile.Read(ref rounds);

    /// <summary>Parts of rounds that ended in a fault of the agent itself.</summary>
    internal long Faults => Volatile.Read(ref faults);

    /// <summary>Time spent in rounds.</summary>
    internal TimeSpan Busy => time.GetElapsedTime(0, Volatile.Read(ref busy));

    /// <summary>Frames that lanes overwrote before they were looked at.</summary>
    internal long FramesMissed => Volatile.Read(ref missedByOthers) + Volatile.Read(ref lanes).Sum(static lane => lane.Missed);

    /// <summary>Where a source is to begin; null for no place.</summary>
    internal string? Cursor(string source) => intake.Cursor(source);

    /// <summary>The GPU that a process used when the agent ended, while the driver was not asked yet; null for none. Any thread may ask.</summary>
    internal GpuReference? GpuBefore(long pid) => processes.GpuBefore(pid);

    internal void Start()
    {
        thread = new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "detection" };
        thread.Start();
    }

    /// <summary>Ends the loop after a last round, with its state kept.</summary>
    internal void Stop()
    {
        stop.Set();
        if (thread is null) return;
        if (!thread.Join(EndPatience))
        {
            LogStuck(EndPatience.TotalSeconds);
            return;
        }
        Try(() => intake.Take(time.GetTimestamp(), isLast: true));
        Try(health.Keep);
        Try(Keep);
        Try(() => growth.Keep(isLast: true));
        Try(() => processes.Look(lanes, isLast: true));
    }

    /// <summary>One round. A fault in a part of it costs that part: what one rule, GPU or event brings about must not blind the others.</summary>
    internal void Step()
    {
        var begin = time.GetTimestamp();
        Try(follow);
        Try(takeUp);
        Try(takeSightings);
        foreach (var lane in lanes)
        {
            try
            {
                lane.Drain(Rules);
            }
            catch (Exception fault)
            {
                Failed(fault);
            }
        }
        if (secondAt == long.MinValue || time.GetElapsedTime(secondAt, begin) >= SecondInterval)
        {
            secondAt = begin;
            Try(everySecond);
        }
        Try(look);
        var unkept = time.GetElapsedTime(keptAt, begin);
        if (unkept >= (isStateNew ? KeepAtMostEvery : KeepInterval)) Try(keep);
        Volatile.Write(ref rounds, rounds + 1);
        Volatile.Write(ref busy, busy + time.GetTimestamp() - begin);
    }

    /// <inheritdoc/>
    public void Changed(RuleChange change)
    {
        isStateNew = true;
        if (change.WantsCapture && !change.Rule.Shadow)
        {
            var outcome = parts.Captures.Request(change);
            if (change.Event is { } record) change = change with { Event = record with { Capture = outcome } };
        }
        if (change.Event is { } untold)
        {
            var told = WithJob(untold);
            change = change with { Event = told };
            if (journal.Append(told)) LogEvent(told.Severity, told.Title);
            keeping.Note(told);
        }
        else if (change.IsFiring && change.ToldBy.Length == 0) journal.CountAnomaly(change.Rule.Name, change.Gpu?.Reference);
        health.Take(change);
    }

    private void Run()
    {
        do Step();
        while (!stop.Wait(Interval));
    }

    private void Try(Action part)
    {
        try
        {
            part();
        }
        catch (Exception fault)
        {
            Failed(fault);
        }
    }

    private void Failed(Exception fault)
    {
        Volatile.Write(ref faults, faults + 1);
        if (faultSaidAt != long.MinValue && time.GetElapsedTime(faultSaidAt) < SayFaultEvery) return;
        faultSaidAt = time.GetTimestamp();
        LogFault(fault);
    }

    private void EverySecond()
    {
        intake.EndStorms();
        var stamp = nodeFrames.Read(nodeMetrics, time);
        Rules.TakeNode(nodeFrames.Layout, stamp, nodeFrames.Values);
        health.Follow(subjects.Present());
        foreach (var lane in lanes)
        {
            if (lane.Subject is { } gpu) parts.Gpus.Add(gpu.Reference);
            TakeEnergy(lane);
        }
        processes.Look(lanes);
    }

    private void TakeEnergy(LaneFrames lane)
    {
        if (lane is not { Subject: { } gpu, Lane.Sampler: { } sampler }) return;
        var series = sampler.Sets[0].Series;
        var (energy, hasEnergy) = series.RangeOf(MetricTable.Energy);
        var (persistence, hasPersistence) = series.RangeOf(MetricTable.PersistenceMode);
        if (hasEnergy > 0) health.TakeEnergy(gpu, series.Value(energy), hasPersistence > 0 && series.Value(persistence) == 1);
    }

    private void Follow()
    {
        FollowLanes();
        FollowRules();
    }

    private long UnixMicroseconds => time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    private void FollowRules()
    {
        if (ReferenceEquals(loaded, parts.Watcher.Current)) return;
        loaded = parts.Watcher.Current;
        Rules.Use(loaded.Rules, UnixMicroseconds);
        nodeMetrics = [.. RuleReaches.NodeMetricsOf(loaded.Rules)];
        health.Reconcile(loaded.Rules, Rules.Status());
        isStateNew = true;
    }

    private void FollowLanes()
    {
        var now = node.Lanes;
        if (ReferenceEquals(now, followed)) return;
        followed = now;
        LaneFrames[] next = [.. now.Select(lane => Array.Find(lanes, known => known.Lane == lane) ?? new LaneFrames(lane))];
        foreach (var old in lanes.Except(next))
        {
            missedByOthers += old.Missed;
            if (old.Subject is { } gpu) Rules.Leave(gpu);
        }
        Volatile.Write(ref lanes, next);
    }

    private bool KnowsGpus()
    {
        var present = node.Lanes;
        foreach (var lane in present)
            if (lane.Identity is { } gpu) parts.Gpus.Add(new GpuReference(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId));
        return node.Trouble.Length > 0 || (node.DeviceCount == present.Length && Array.TrueForAll(present, static lane => lane.Identity is not null));
    }

    private void Keep()
    {
        isStateNew = false;
        keptAt = time.GetTimestamp();
        keeping.Keep();
        growth.Keep();
    }

    private void LogEvent(EventSeverity severity, string title)
    {
        if (severity is EventSeverity.Warning or EventSeverity.Critical) LogFinding(severity, title);
        else LogEvent(title);
    }

    [LoggerMessage(EventId = 1400, Level = LogLevel.Error, Message = "A part of a round of detection ended in a fault of the agent; further ones are only counted for ten minutes.")]
    private partial void LogFault(Exception fault);

    [LoggerMessage(EventId = 1401, Level = LogLevel.Warning, Message = "{Severity}: {Title}")]
    private partial void LogFinding(EventSeverity severity, string title);

    [LoggerMessage(EventId = 1404, Level = LogLevel.Error, Message = "Detection did not end within {Seconds} s; what its sources saw last is not kept.")]
    private partial void LogStuck(double seconds);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Information, Message = "{Title}")]
    private partial void LogEvent(string title);
}

/// <summary>What detection is put together of, besides sampling, journal and health.</summary>
/// <param name="Identity">Who the node is.</param>
/// <param name="Queue">Where the sources put what they see.</param>
/// <param name="Gpus">The GPUs that the node has or had.</param>
/// <param name="Merger">Makes events of sightings.</param>
/// <param name="Watcher">The rules as the files say.</param>
/// <param name="Captures">Takes captures.</param>
/// <param name="Jobs">The jobs of the GPUs; null where nobody can tell.</param>
internal sealed record DetectionParts(NodeIdentity Identity, SightingQueue Queue, GpuDirectory Gpus, SightingMerger Merger, RuleWatcher Watcher, ICaptures Captures, GpuJobs? Jobs = null);
