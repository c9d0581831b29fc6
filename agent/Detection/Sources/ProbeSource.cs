using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// One probe as a source: a thread that lets it look at every slow interval. Each probe has a thread of its own, since a file of a
/// filesystem or driver that hangs holds whoever reads it, and the other probes must go on. A look that passes its deadline is shown,
/// and what the probe read before disappears after three intervals.
/// </summary>
internal sealed partial class ProbeSource(NodeProbe probe, TimeSpan interval, TimeProvider time, ILogger<ProbeSource> logger) : IEventSource
{
    /// <summary>A look reads a few dozen small files; one that takes longer waits for something.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);
    private const int IntervalsOfFreshness = 3;
    private const long Never = long.MinValue;
    private readonly StopSignal stop = new();
    private readonly ProbeMemory memory = new();
    private Thread? thread;
    private long lookingSince = Never;
    private long lookedAt = Never;
    private long failures;
    private string trouble = "";

    public string Name => probe.Name;

    /// <inheritdoc/>
    public string Trouble => Stuck > TimeSpan.Zero ? $"a look has lasted for {Stuck.TotalSeconds:0} s: a file system or a driver hangs" : Volatile.Read(ref trouble);

    /// <summary>How long the look in progress has lasted when it is past its deadline, else zero.</summary>
    internal TimeSpan Stuck =>
        Volatile.Read(ref lookingSince) is var since && since != Never && time.GetElapsedTime(since) is var lasted && lasted > Deadline ? lasted : TimeSpan.Zero;

    /// <summary>Looks that ended in an error.</summary>
    internal long Failures => Volatile.Read(ref failures);

    private bool IsFresh => Volatile.Read(ref lookedAt) is var at && at != Never && time.GetElapsedTime(at) <= interval * IntervalsOfFreshness + Deadline;

    /// <summary>Registers the probe's readings; they are absent while no look succeeds.</summary>
    internal void Register(NodeReadings readings)
    {
        foreach (var (metric, read) in probe.Readings) readings.Add(metric, () => IsFresh ? read() : []);
    }

    public void Start(SightingQueue queue, string? cursor)
    {
        var untold = memory.Restore(cursor);
        thread = new Thread(() => Run(queue, untold), maxStackSize: 256 * 1024) { IsBackground = true, Name = "probe-" + Name };
        thread.Start();
    }

    public void Stop()
    {
        stop.Set();
        thread?.Join(EndPatience);
    }

    /// <summary>One look: false once the queue is closed.</summary>
    internal bool Look(SightingQueue queue)
    {
        Volatile.Write(ref lookingSince, time.GetTimestamp());
        try
        {
            probe.Look(memory);
            Volatile.Write(ref lookedAt, time.GetTimestamp());
            Volatile.Write(ref trouble, "");
        }
        catch (Exception fault)
        {
            if (trouble.Length == 0) LogFault(Name, fault);
            Volatile.Write(ref trouble, fault.Message);
            Volatile.Write(ref failures, failures + 1);
        }
        Volatile.Write(ref lookingSince, Never);
        // What was seen before a fault is remembered as told.
        var seen = probe.Changed;
        if (seen.Count > 0) return Tell(queue, seen, isKept: false);
        return !memory.IsChanged || queue.Put(new SourceCursor(Name, memory.Save([])));
    }

    /// <summary>
    /// Tells what was seen. What it is about to tell is kept first: after a sudden end it is told again under the same keys, and neither
    /// an incident nor its end is told twice, or not at all.
    /// </summary>
    private bool Tell(SightingQueue queue, IReadOnlyList<Sighting> seen, bool isKept)
    {
        if (!isKept && !queue.Put(new SourceCursor(Name, memory.Save(seen)) { IsAhead = true })) return false;
        foreach (var sighting in seen)
            if (!queue.Put(sighting)) return false;
        return queue.Put(new SourceCursor(Name, memory.Save([])));
    }

    private void Run(SightingQueue queue, IReadOnlyList<Sighting> untold)
    {
        if (untold.Count > 0 && !Tell(queue, untold, isKept: true)) return;
        do
        {
            if (!Look(queue)) return;
        }
        while (!stop.Wait(interval));
    }

    [LoggerMessage(EventId = 1700, Level = LogLevel.Error, Message = "The probe {Probe} failed; it tries again at its next turn.")]
    private partial void LogFault(string probe, Exception fault);
}
