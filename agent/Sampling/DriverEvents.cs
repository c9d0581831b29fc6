using System.Collections.Concurrent;
using Monitoring.Agent.Devices;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// What the driver's event queue told since the agent was started: counts by GPU and type, and the way to whoever listens. One lane
/// writes at a time; anyone may read.
/// </summary>
internal sealed class DriverEvents
{
    private readonly ConcurrentDictionary<string, long[]> counts = new(StringComparer.Ordinal);
    private long told;

    /// <summary>Called with every event on the thread that waits for them; must return at once. Set before sampling starts.</summary>
    internal Action<DriverEvent>? Listener { get; set; }

    /// <summary>Events since the agent was started.</summary>
    internal long Told => Volatile.Read(ref told);

    /// <summary>How often a type came; 0 for one that never did.</summary>
    /// <param name="uuid">The GPU; empty for events that name none.</param>
    /// <param name="type">One type.</param>
    internal long Count(string uuid, DriverEventType type) =>
        counts.TryGetValue(uuid, out var ofGpu) ? Volatile.Read(ref ofGpu[DriverEventTypes.PlaceOf(type)]) : 0;

    /// <summary>Counts an event and hands it on.</summary>
    internal void Tell(DriverEventType type, ulong data, GpuIdentity? gpu, int? gpuInstance, int? computeInstance, DateTimeOffset time)
    {
        var ofGpu = counts.GetOrAdd(gpu?.Uuid ?? "", static _ => new long[64]);
        Interlocked.Increment(ref ofGpu[DriverEventTypes.PlaceOf(type)]);
        Listener?.Invoke(new DriverEvent(Interlocked.Increment(ref told) - 1, type, data, gpu, gpuInstance, computeInstance, time));
    }
}
