using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// Reads one GPU and its MIG instances, tier by tier, when told the time; it has no thread and no clock of its own that ticks. In a
/// steady state nothing is allocated.
/// </summary>
internal sealed class GpuSampler
{
    // A reading that the GPU does not have is asked for again now and then: a mode may have been switched on.
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);
    private static readonly Tier[] AllTiers = Enum.GetValues<Tier>();

    private readonly NvmlGpu gpu;
    private readonly SamplingSettings settings;
    private readonly TimeProvider time;
    private readonly KeyValuePair<string, object?>[] tags;
    private readonly long started;
    private readonly long[] due = new long[AllTiers.Length];
    private readonly long[] durations = new long[AllTiers.Length];
    private readonly long[] samples = new long[AllTiers.Length];
    private readonly Dictionary<uint, string> processNames = [];
    private NamedProcess[] processes = [];
    private SampledSet[] sets;

    internal GpuSampler(NvmlGpu gpu, string cluster, string node, SamplingSettings settings, TimeProvider time)
    {
        this.gpu = gpu;
        this.settings = settings;
        this.time = time;
        started = time.GetTimestamp();
        Trail = new ProcessTrail(time);
        tags =
        [
            new("cluster", cluster), new("node", node),
            new("gpu", gpu.Identity.Index.ToString(System.Globalization.CultureInfo.InvariantCulture)), new("uuid", gpu.Identity.Uuid),
        ];
        sets = [Sampled(new SeriesSet(gpu, tags, settings))];
        Array.Fill(due, started);
    }

    /// <summary>The GPU's own series first, then those of its MIG instances.</summary>
    internal SampledSet[] Sets => Volatile.Read(ref sets);

    /// <summary>Labels of the GPU's series.</summary>
    internal IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>The processes on the GPU; empty unless <see cref="SamplingSettings.PerProcessMemory"/> is set.</summary>
    internal IReadOnlyList<NamedProcess> Processes => Volatile.Read(ref processes);

    /// <summary>The processes that the GPU had of late.</summary>
    internal ProcessTrail Trail { get; }

    /// <summary>How long the last reading of a tier took.</summary>
    internal TimeSpan Duration(Tier tier) => time.GetElapsedTime(0, Volatile.Read(ref durations[(int)tier]));

    /// <summary>How many times a tier was read.</summary>
    internal long Samples(Tier tier) => Volatile.Read(ref samples[(int)tier]);

    /// <summary>Reads the fast tier, and the others where their time has come.</summary>
    internal void Tick()
    {
        var read = Tiers.None;
        foreach (var tier in AllTiers)
        {
            var begin = time.GetTimestamp();
            // Read with the fast reading that is nearest: one that comes a little early is no reason to wait for the one after it.
            if (tier != Tier.Fast && begin + Timestamps(settings.FastInterval) / 2 < due[(int)tier]) continue;
            due[(int)tier] = begin + Timestamps(settings.Interval(tier));
            if (tier == Tier.Slow) FollowModes();
            foreach (var set in sets) Read(set, tier);
            if (tier == Tier.Medium) FollowProcesses();
            Volatile.Write(ref durations[(int)tier], time.GetTimestamp() - begin);
            Volatile.Write(ref samples[(int)tier], samples[(int)tier] + 1);
            read |= (Tiers)(1 << (int)tier);
        }
        var now = time.GetTimestamp();
        var unixMicroseconds = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        foreach (var set in sets) set.Frames.Add(unixMicroseconds, now, read, set.Series.Values);
    }

    /// <summary>Gives back what the driver holds for this GPU.</summary>
    internal void Release()
    {
        foreach (var set in sets) set.Series.Gpu.ReleaseGpm();
    }

    private void Read(SampledSet sampled, Tier tier)
    {
        var set = sampled.Series;
        set.Gpu.BeginTick((int)tier);
        if (tier == Tier.Fast && set.Mig is null) set.Gpu.AccumulateThrottle(settings.FastInterval * 3);

        var now = time.GetTimestamp();
        var values = set.Values;
        var (start, length) = set.RangeOf(tier).GetOffsetAndLength(values.Length);
        for (var i = start; i < start + length; i++)
        {
            if (sampled.AskAgainAt[i] > now) continue;
            var series = set.All[i];
            var value = series.Metric.Read(set.Gpu, series.First, series.Second);
            values[i] = value;
            if (!double.IsNaN(value)) sampled.WasThere[i] = true;
            else if (set.Gpu.LastReturn is not NvmlReturn.NotReady && set.Gpu.LastReturn.IsAbsent)
                // What was there before may be back as soon as modes are looked at, such as a MIG instance that was taken away for a moment.
                sampled.AskAgainAt[i] = now + Timestamps(sampled.WasThere[i] ? settings.SlowInterval : AskAgain);
        }

        if (tier == Tier.Fast)
        {
            var fast = values[..set.FastCount];
            sampled.Extremes.Add(fast, time.GetElapsedTime(started));
            sampled.Recorder.Add(time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, fast);
        }
        else if (tier == Tier.Medium)
            sampled.MediumRecorder.Add(time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, values.Slice(start, length));
        set.Publish(tier, time.GetTimestamp());
    }

    private void FollowProcesses()
    {
        var running = gpu.Processes() ?? [];
        Trail.Add(running);
        if (settings.PerProcessMemory) Name(running);
    }

    private void Name(IReadOnlyList<GpuProcess> running)
    {
        foreach (var gone in processNames.Keys.Where(pid => !running.Any(process => process.Pid == pid)).ToArray()) processNames.Remove(gone);
        NamedProcess[] named = [.. running.Select(process =>
        {
            if (!processNames.TryGetValue(process.Pid, out var name)) processNames.Add(process.Pid, name = gpu.ProcessName(process.Pid));
            return new NamedProcess(process.Pid, name, process.UsedBytes);
        })];
        Volatile.Write(ref processes, named);
    }

    /// <summary>Looks which series there are: switching MIG mode and dividing the GPU anew change that.</summary>
    private void FollowModes()
    {
        gpu.BeginTick();
        if (gpu.FoundLinks()) Volatile.Write(ref sets, [Sampled(new SeriesSet(gpu, tags, settings)), .. sets[1..]]);
        var found = gpu.MigDevices();
        if (found.Count == sets.Length - 1)
        {
            var same = true;
            for (var i = 0; i < found.Count; i++) same &= Reads(sets[i + 1], found[i]);
            if (same) return;
        }
        // Instances that stay keep their past; one that was made anew, even with the same ids, has a handle of its own.
        SampledSet[] next = [sets[0], .. found.Select(mig => Array.Find(sets[1..], set => Reads(set, mig))
            ?? Sampled(new SeriesSet(gpu.OpenMig(mig.Device, mig.Identity), tags, settings, mig.Identity)))];
        foreach (var gone in sets.Except(next)) gone.Series.Gpu.ReleaseGpm();
        Volatile.Write(ref sets, next);
    }

    private static bool Reads(SampledSet set, (NvmlDevice Device, Devices.MigIdentity Identity) mig) =>
        set.Series.Mig == mig.Identity && set.Series.Gpu.Device == mig.Device;

    private long Timestamps(TimeSpan interval) => (long)(interval.TotalSeconds * time.TimestampFrequency);

    private SampledSet Sampled(SeriesSet series) =>
        new(series, settings, new WindowExtremes(series.FastCount), new FlightRecorder(series.FastCount, (int)(settings.FlightRecorder / settings.FastInterval)),
            new FlightRecorder(series.RangeOf(Tier.Medium).GetOffsetAndLength(series.All.Length).Length, (int)Math.Max(1, settings.FlightRecorder / settings.MediumInterval)));
}

/// <summary>A process on a GPU by name.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Name">Name as the driver knows it; empty where it does not say.</param>
/// <param name="UsedBytes">Device memory in use; null where the driver cannot say.</param>
internal sealed record NamedProcess(uint Pid, string Name, ulong? UsedBytes);

/// <summary>The series of a GPU or MIG instance with what is kept of their past.</summary>
/// <param name="Series">Latest values.</param>
/// <param name="Settings">What is exported of each link.</param>
/// <param name="Extremes">Highest and lowest fast values of the last 30 seconds.</param>
/// <param name="Recorder">The last minutes of the fast values.</param>
/// <param name="MediumRecorder">The last minutes of the medium values, hardware counters among them.</param>
internal sealed record SampledSet(SeriesSet Series, SamplingSettings Settings, WindowExtremes Extremes, FlightRecorder Recorder, FlightRecorder MediumRecorder)
{
    /// <summary>When to ask again for a series that the GPU did not have, as a timestamp; the lane's own.</summary>
    internal long[] AskAgainAt { get; } = new long[Series.All.Length];

    /// <summary>Which series had a value; the lane's own.</summary>
    internal bool[] WasThere { get; } = new bool[Series.All.Length];

    /// <summary>What is exported in place of each link's series.</summary>
    internal LinkSums Sums { get; } = new(Series, Settings.PerLinkErrors);

    /// <summary>The last frames, for detection.</summary>
    internal FrameRing Frames { get; } = new(Series.All.Length);

    /// <summary>What stands in a frame.</summary>
    internal FrameLayout Layout { get; } = FrameLayout.Of(Series);
}
