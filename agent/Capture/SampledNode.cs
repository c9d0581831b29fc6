using System.Globalization;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>The node as sampling sees it.</summary>
/// <param name="node">The lanes.</param>
/// <param name="settings">How often they read.</param>
/// <param name="rules">Where every instance of every rule stands.</param>
/// <param name="procfs">Where procfs is mounted, for the names of processes.</param>
internal sealed class SampledNode(NodeSampler node, SamplingSettings settings, Func<IReadOnlyList<RuleStatus>> rules, string procfs) : ICaptureNode
{
    // Processes are looked for once in a medium interval: one that was there in the last three is there.
    private const int ProcessRounds = 3;

    public string DriverVersion => node.DriverVersion;

    public string Trouble => node.Trouble;

    /// <inheritdoc/>
    public bool IsSettled => node.Trouble.Length > 0 || (node.Lanes is { Length: > 0 } lanes && node.DeviceCount == lanes.Length && Array.TrueForAll(lanes, static lane => lane.Sampler is not null || lane.Ticks > 0));

    /// <inheritdoc/>
    public IReadOnlyList<CapturedGpu> Gpus() =>
    [
        .. from lane in node.Lanes
           let gpu = lane.Identity
           where gpu is not null && lane.Sampler is not null
           select new CapturedGpu(gpu.Index, gpu.Uuid, gpu.Model, gpu.Serial, gpu.PciBusId, gpu.Architecture, gpu.Vbios),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<ScopeProcess> Processes(IReadOnlyList<CapturedGpu> gpus)
    {
        var users = new SortedDictionary<long, List<int>>();
        foreach (var gpu in gpus)
        {
            foreach (var pid in Sampler(gpu)?.Trail.Seen(ProcessRounds * settings.MediumInterval) ?? [])
            {
                if (!users.TryGetValue(pid, out var used)) users.Add(pid, used = []);
                used.Add(gpu.Index);
            }
        }
        return [.. users.Select(user => new ScopeProcess(user.Key, ProcessFiles.NameOf(procfs, user.Key), user.Value))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CounterWindow> Windows(IReadOnlyList<CapturedGpu> gpus, DateTimeOffset from, DateTimeOffset to)
    {
        var (first, last) = (Microseconds(from), Microseconds(to));
        List<CounterWindow> windows = [];
        foreach (var gpu in gpus)
            foreach (var set in Sampler(gpu)?.Sets ?? []) windows.Add(Window(gpu, set, first, last));
        return windows;
    }

    /// <inheritdoc/>
    public IReadOnlySet<int> Suspects() =>
        rules().Where(static status => status is { State: RuleState.Firing or RuleState.Clearing, Gpu: not null }).Select(static status => status.Gpu!.Index).ToHashSet();

    /// <summary>Fast and medium instants in one table: a medium reading stands in the row of the fast one that it was taken with.</summary>
    private static CounterWindow Window(CapturedGpu gpu, SampledSet set, long first, long last)
    {
        var fast = set.Recorder.Copy(first, last);
        var medium = set.MediumRecorder.Copy(first, last);
        var (fastCount, count) = (set.Series.FastCount, set.Series.RangeOf(Tier.Medium).End.Value);
        List<CounterRow> rows = new(fast.Count + medium.Count);
        var next = 0;
        for (var i = 0; i < fast.Count; i++)
        {
            var values = new double[count];
            fast[i].Values.CopyTo(values, 0);
            values.AsSpan(fastCount).Fill(double.NaN);
            // The tiers are read one after the other in one round, the fast one first.
            var until = i + 1 < fast.Count ? fast[i + 1].UnixMicroseconds : long.MaxValue;
            for (; next < medium.Count && medium[next].UnixMicroseconds < until; next++)
                if (medium[next].UnixMicroseconds >= fast[i].UnixMicroseconds) medium[next].Values.CopyTo(values, fastCount);
            rows.Add(new CounterRow(fast[i].UnixMicroseconds, values));
        }
        var instance = set.Series.Mig is { } mig ? string.Create(CultureInfo.InvariantCulture, $"mig-{mig.GpuInstance}-{mig.ComputeInstance}") : "";
        return new CounterWindow(gpu, instance, [.. set.Layout.Series.Take(count).Select(static series => series.ToString())], rows);
    }

    private GpuSampler? Sampler(CapturedGpu gpu) => Array.Find(node.Lanes, lane => lane.Identity?.Uuid == gpu.Uuid && lane.Index == gpu.Index)?.Sampler;

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
