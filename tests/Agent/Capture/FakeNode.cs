using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>A node of GPUs whose counters are a function of time, read ten times a second.</summary>
internal sealed class FakeNode(TimeProvider time, int gpus = 2) : ICaptureNode
{
    private static readonly string[] Series = ["gpu_power_watts", "gpu_utilization_ratio", "gpu_clock_hertz{domain=\"sm\"}", "gpu_tensor_active_ratio"];
    private readonly DateTimeOffset started = time.GetUtcNow() - TimeSpan.FromMinutes(5);

    public string DriverVersion => "580.1";

    public string Trouble { get; set; } = "";

    public bool IsSettled { get; set; } = true;

    /// <summary>Power of a GPU at a time; utilisation follows it.</summary>
    internal Func<int, DateTimeOffset, float> Power { get; set; } = static (_, _) => 500;

    /// <summary>Readings before then are of an earlier life of the agent, and gone.</summary>
    internal DateTimeOffset ReadsSince { get; set; } = DateTimeOffset.MinValue;

    internal Dictionary<int, List<long>> Users { get; } = [];

    internal HashSet<int> Firing { get; } = [];

    /// <summary>Whether the GPUs are opened just after the next look at them.</summary>
    internal bool OpensAfterALook { get; set; }

    public IReadOnlyList<CapturedGpu> Gpus()
    {
        IReadOnlyList<CapturedGpu> known = [.. Enumerable.Range(0, Trouble.Length > 0 || !IsSettled ? 0 : gpus).Select(static index => new CapturedGpu(index, $"GPU-{index}", "H100", Architecture: "hopper"))];
        IsSettled |= OpensAfterALook;
        return known;
    }

    public IReadOnlyList<ScopeProcess> Processes(IReadOnlyList<CapturedGpu> gpus) =>
        [.. gpus.SelectMany(gpu => Users.GetValueOrDefault(gpu.Index, []).Select(pid => (pid, gpu.Index))).GroupBy(static user => user.pid).Select(static user => new ScopeProcess(user.Key, "python3", [.. user.Select(static one => one.Index)]))];

    public IReadOnlyList<CounterWindow> Windows(IReadOnlyList<CapturedGpu> gpus, DateTimeOffset from, DateTimeOffset to) =>
        [.. gpus.Select(gpu => new CounterWindow(gpu, "", Series, [.. Rows(gpu.Index, from, to)]))];

    public IReadOnlySet<int> Suspects() => Firing;

    private IEnumerable<CounterRow> Rows(int gpu, DateTimeOffset from, DateTimeOffset to)
    {
        var last = to < time.GetUtcNow() ? to : time.GetUtcNow();
        for (var at = started; at <= last; at += TimeSpan.FromMilliseconds(100))
            if (at >= from && at >= ReadsSince) yield return new CounterRow((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, [Power(gpu, at), Power(gpu, at) / 700, 1.5e9f, float.NaN]);
    }
}
