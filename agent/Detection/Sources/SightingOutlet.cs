using System.Threading.Channels;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// Takes sightings from threads that must not wait, such as the one that waits for the driver, and puts them into the queue from a
/// thread of its own. When a thousand wait already, further ones are dropped, and a gap says how many.
/// </summary>
internal sealed class SightingOutlet(string source, TimeProvider time)
{
    internal const int Capacity = 1024;

    /// <summary>Why it drops, as a label.</summary>
    internal const string QueueFull = "queue_full";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

    private readonly Channel<Sighting> waiting = Channel.CreateBounded<Sighting>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private Thread? thread;
    private long dropped;
    private long gaps;

    /// <summary>Sightings that were dropped.</summary>
    internal long Dropped => Volatile.Read(ref dropped);

    /// <summary>Takes a sighting; never waits. What comes before <see cref="Start"/> is kept until then.</summary>
    internal void Offer(Sighting sighting)
    {
        if (!waiting.Writer.TryWrite(sighting)) Interlocked.Increment(ref dropped);
    }

    internal void Start(SightingQueue queue)
    {
        thread = new Thread(() => Run(queue), maxStackSize: 256 * 1024) { IsBackground = true, Name = "sightings-" + source };
        thread.Start();
    }

    internal void Stop()
    {
        waiting.Writer.TryComplete();
        thread?.Join(EndPatience);
    }

    private void Run(SightingQueue queue)
    {
        var told = 0L;
        while (waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (waiting.Reader.TryRead(out var sighting))
            {
                if (!queue.Put(sighting)) return;
                if (Dropped is var lost && lost > told && !queue.Put(Gap(lost - told))) return;
                told = lost;
            }
    }

    private Sighting Gap(long lost)
    {
        var now = time.GetUtcNow();
        return new Sighting
        {
            Source = source,
            Key = $"gap:{gaps++}:{now.ToUnixTimeMilliseconds()}",
            Time = now,
            Kind = EventKinds.Gap,
            Severity = EventSeverity.Warning,
            Title = $"{lost} events of the source {source} came faster than they could be kept and were dropped",
            Values = [new EventValue("dropped_events", lost)],
        };
    }
}
