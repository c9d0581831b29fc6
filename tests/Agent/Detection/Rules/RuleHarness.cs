using System.Text.Json;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Rules;

/// <summary>
/// Rules on a machine made of numbers: GPUs whose series are set by name, read at the default rates (fast every 100 ms, medium every
/// second, slow every ten, the node every second, a tick after each), and what the rules did, by the time since the start.
/// </summary>
internal sealed class RuleHarness : IRuleListener
{
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    internal static readonly NodeIdentity Node = new("cluster", "node-1", "boot-1");

    // Not 0, as on a machine that was up before.
    private static readonly TimeSpan UptimeAtStart = TimeSpan.FromHours(3);

    private readonly SortedDictionary<int, Subject> gpus = [];
    private readonly Subject node = new();
    private long number;

    private readonly Func<string, JobReference?>? jobOf;

    internal RuleHarness(params RuleDefinition[] rules)
        : this(null, rules)
    {
    }

    /// <param name="jobOf">The job of a GPU by its UUID; null where nobody can tell.</param>
    internal RuleHarness(Func<string, JobReference?>? jobOf, params RuleDefinition[] rules)
    {
        this.jobOf = jobOf;
        Engine = new RuleEngine(Node, this, TimeSpan.TicksPerSecond, jobOf);
        Use(rules);
    }

    internal RuleEngine Engine { get; private set; }

    /// <summary>Time since the start, as the monotonic clock tells it.</summary>
    internal TimeSpan Elapsed { get; private set; }

    /// <summary>Added to the wall clock alone.</summary>
    internal TimeSpan WallClockOffset { get; set; }

    internal DateTimeOffset Now => Start + Elapsed + WallClockOffset;

    /// <summary>False: the engine gets frames alone.</summary>
    internal bool Ticks { get; set; } = true;

    internal List<RuleChange> Changes { get; } = [];

    /// <summary>What happened as text: <c>01:02.300 fired overheated 0</c>.</summary>
    internal List<string> Log { get; } = [];

    internal IEnumerable<EventRecord> Events => Changes.Select(static change => change.Event).OfType<EventRecord>();

    void IRuleListener.Changed(RuleChange change)
    {
        Changes.Add(change);
        var where = change.Gpu is { } gpu ? $" {gpu.Index}" : "";
        Log.Add($@"{Elapsed:hh\:mm\:ss\.f} {(change.IsFiring ? "fired" : "cleared")} {change.Rule.Name}{where}{(change.Instance.Length > 0 ? $" {change.Instance}" : "")}");
    }

    internal static GpuSubject Gpu(int index, string model = "NVIDIA H100") =>
        new(index, $"GPU-{index:D8}", $"S{index}", $"00000000:{index + 16:X2}:00.0", model);

    internal void Use(params RuleDefinition[] rules) => Engine.Use(rules, UnixMicroseconds(Now));

    /// <summary>Makes a GPU known by a value; NaN for none.</summary>
    internal RuleHarness Set(string series, double value, int gpu = 0, string model = "NVIDIA H100")
    {
        if (!gpus.TryGetValue(gpu, out var subject)) gpus.Add(gpu, subject = new Subject { Gpu = Gpu(gpu, model) });
        subject.Set(series, value);
        return this;
    }

    internal RuleHarness SetNode(string series, double value)
    {
        node.Set(series, value);
        return this;
    }

    /// <summary>Takes a series of the node away.</summary>
    internal void RemoveNode(string series) => node.Remove(series);

    /// <summary>The GPU gives no frames, or does again.</summary>
    internal void Silence(int gpu, bool isSilent = true) => gpus[gpu].IsSilent = isSilent;

    /// <summary>Nobody samples the GPU for so long.</summary>
    internal void Leave(int gpu, TimeSpan time)
    {
        Engine.Leave(Gpu(gpu));
        Elapsed += time;
        Tick();
    }

    /// <summary>Lets time pass; values change by the function before each step.</summary>
    internal RuleHarness Run(TimeSpan time, Action<TimeSpan>? change = null)
    {
        for (var end = Elapsed + time; Elapsed < end;)
        {
            change?.Invoke(Elapsed);
            Feed();
            Elapsed += Step;
        }
        return this;
    }

    internal RuleHarness Run(double seconds) => Run(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass without frames, with ticks or without.</summary>
    internal RuleHarness Skip(TimeSpan time, bool ticks = true)
    {
        for (var end = Elapsed + time; Elapsed < end; Elapsed += Step)
            if (ticks) Tick();
        return this;
    }

    internal void Tick() => Engine.Tick(Timestamp, UnixMicroseconds(Now));

    /// <summary>An event of now, or of some time ago.</summary>
    internal EventRecord Publish(string kind, int? code = null, int? gpu = 0, TimeSpan ago = default, EventSeverity severity = EventSeverity.Warning, EventPhase phase = EventPhase.Instant, string? id = null)
    {
        Tick();
        var record = new EventRecord
        {
            Id = id ?? EventId.Of(kind, $"{code}", $"{gpu}", $"{number++}"),
            Time = Now - ago,
            Node = Node.Node,
            Kind = kind,
            Code = code,
            Gpu = gpu is { } index ? Gpu(index).Reference : null,
            Severity = severity,
            Phase = phase,
            Title = kind,
        };
        Engine.Take(record);
        return record;
    }

    /// <summary>The agent ends and starts again, with what it saved.</summary>
    internal void Restart(TimeSpan away, params RuleDefinition[] rules)
    {
        var (state, growth, at) = (Engine.Save(), JsonSerializer.SerializeToElement(Engine.SaveGrowth(), SavedGrowthJson.Default.SavedGrowth), UnixMicroseconds(Now));
        Elapsed += away;
        Restart(state, SavedGrowth.Read(growth), at, rules);
    }

    internal void Restart(JsonElement state, params RuleDefinition[] rules) => Restart(state, SavedGrowth.None, 0, rules);

    private void Restart(JsonElement state, SavedGrowth growth, long at, RuleDefinition[] rules)
    {
        Engine = new RuleEngine(Node, this, TimeSpan.TicksPerSecond, jobOf);
        Engine.Restore(state);
        Engine.Restore(growth with { Counters = [.. growth.Counters.Select(item => item with { At = item.At ?? at })] });
        Use(rules);
    }

    internal RuleStatus Status(string rule, int? gpu = 0) => Engine.Status().Single(status => status.Rule == rule && status.Gpu?.Index == gpu);

    internal RuleState State(string rule = "rule", int? gpu = 0) => Status(rule, gpu).State;

    private long Timestamp => (UptimeAtStart + Elapsed).Ticks;

    private static long UnixMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private void Feed()
    {
        var step = Elapsed / Step;
        var read = Tiers.Fast | (step % 10 == 0 ? Tiers.Medium : Tiers.None) | (step % 100 == 0 ? Tiers.Slow : Tiers.None);
        var stamp = new FrameStamp(number++, UnixMicroseconds(Now), Timestamp, read);
        foreach (var subject in gpus.Values)
            if (!subject.IsSilent) Engine.Take(subject.Gpu!, subject.Layout, stamp, subject.Values);
        if (step % 10 == 0) Engine.TakeNode(node.Layout, stamp with { Read = Tiers.Medium }, node.Values);
        if (Ticks) Tick();
    }

    private sealed class Subject
    {
        private readonly Dictionary<string, int> places = [];

        internal GpuSubject? Gpu { get; init; }

        internal bool IsSilent { get; set; }

        internal FrameLayout Layout { get; private set; } = new([]);

        internal double[] Values { get; private set; } = [];

        internal void Set(string series, double value)
        {
            if (!places.TryGetValue(series, out var place))
            {
                places.Add(series, place = Values.Length);
                Layout = new FrameLayout([.. Layout.Series, RuleTexts.Name(series)]);
                Values = [.. Values, double.NaN];
            }
            Values[place] = value;
        }

        internal void Remove(string series)
        {
            var left = places.Where(item => item.Key != series).Select(item => (item.Key, Values[item.Value])).ToArray();
            (Layout, Values) = (new FrameLayout([]), []);
            places.Clear();
            foreach (var (name, value) in left) Set(name, value);
        }
    }
}
