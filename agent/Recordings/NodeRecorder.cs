using System.Threading.Channels;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;

namespace Monitoring.Agent.Recordings;

/// <summary>
/// Writes what a node samples: every frame of its GPUs, its own metrics once a second, and the events that are handed in. One thread calls
/// <see cref="Turn"/>, often enough that no ring of frames overruns (3 s at the default rate).
/// </summary>
/// <param name="writer">Where to.</param>
/// <param name="sources">The GPUs as they are now.</param>
/// <param name="readings">Who answers for the node's metrics.</param>
/// <param name="time">The clock of the node's frames.</param>
internal sealed class NodeRecorder(RecordingWriter writer, Func<IEnumerable<FrameSource>> sources, NodeReadings readings, TimeProvider time)
{
    /// <summary>What a file may miss at its end when the recorder is killed.</summary>
    internal static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan NodeInterval = TimeSpan.FromSeconds(1);
    private static readonly NodeMetric[] NodeMetrics = [.. MetricTable.All.OfType<NodeMetric>()];

    // Bounded: a storm of events must not grow while the disk is slow. What does not fit is dropped and counted.
    private readonly Channel<EventRecord> events = Channel.CreateBounded<EventRecord>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly List<Recorded> recorded = [];
    private readonly NodeFrames node = new(readings);
    private FrameLayout? nodeLayout;
    private int nodeNumber;
    private long? nodeAt;
    private long? flushedAt;
    private long turn;
    private long eventsDropped;

    /// <summary>GPUs that were recorded so far, by UUID.</summary>
    internal HashSet<string> Gpus { get; } = new(StringComparer.Ordinal);

    /// <summary>Frames that were overwritten before they could be written: the disk, or this machine, was too slow.</summary>
    internal long Missed { get; private set; }

    /// <summary>Events that were dropped because the disk was too slow.</summary>
    internal long EventsDropped => Volatile.Read(ref eventsDropped);

    /// <summary>Takes an event, from any thread; never waits.</summary>
    internal void Take(EventRecord record)
    {
        if (!events.Writer.TryWrite(record)) Interlocked.Increment(ref eventsDropped);
    }

    /// <summary>Writes what is new.</summary>
    /// <exception cref="IOException">The file takes no more.</exception>
    internal void Turn()
    {
        var now = time.GetTimestamp();
        turn++;
        foreach (var source in sources()) Follow(source);
        foreach (var gpu in recorded) Drain(gpu);
        foreach (var gone in recorded.Where(gpu => gpu.SeenIn != turn).ToArray()) End(gone);
        while (events.Reader.TryRead(out var record)) writer.Add(record);
        if (nodeAt is not { } before || time.GetElapsedTime(before, now) >= NodeInterval) WriteNode(now);
        flushedAt ??= now;
        if (time.GetElapsedTime(flushedAt.Value, now) < FlushInterval) return;
        flushedAt = now;
        writer.Flush();
    }

    private void Follow(FrameSource source)
    {
        var known = recorded.Find(gpu => ReferenceEquals(gpu.Source.Set, source.Set));
        if (known is null)
        {
            // The new layout stands in the file before the old one ends: the GPU was never away.
            var before = recorded.Find(gpu => gpu.Source.Gpu.Uuid == source.Gpu.Uuid);
            known = new Recorded(source, writer.Add(FrameSource.Recorded(source.Gpu, source.Set.Layout)));
            recorded.Add(known);
            Gpus.Add(source.Gpu.Uuid);
            if (before is not null)
            {
                Drain(before);
                End(before);
            }
        }
        known.SeenIn = turn;
    }

    private void Drain(Recorded gpu)
    {
        while (true)
        {
            var expected = gpu.Next;
            if (!gpu.Source.Set.Frames.TryRead(ref gpu.Next, gpu.Frame, out var stamp)) return;
            // Frames from before the recording are not missed.
            if (gpu.HasFrames) Missed += stamp.Number - expected;
            gpu.HasFrames = true;
            writer.Add(gpu.Layout, Stamp(stamp), gpu.Frame);
        }
    }

    private void End(Recorded gone)
    {
        writer.End(gone.Layout);
        recorded.Remove(gone);
    }

    private void WriteNode(long now)
    {
        nodeAt = now;
        var stamp = node.Read(NodeMetrics, time);
        if (!ReferenceEquals(node.Layout, nodeLayout))
        {
            if (nodeLayout is not null) writer.End(nodeNumber);
            nodeLayout = node.Layout;
            nodeNumber = writer.Add(FrameSource.Recorded(null, nodeLayout));
        }
        writer.Add(nodeNumber, Stamp(stamp), node.Values);
    }

    private static RecordedStamp Stamp(in FrameStamp stamp) => new(stamp.Number, stamp.UnixMicroseconds, stamp.Timestamp, (int)stamp.Read);

    private sealed class Recorded(FrameSource source, int layout)
    {
        internal long Next;

        internal FrameSource Source => source;

        internal int Layout => layout;

        internal double[] Frame { get; } = new double[source.Set.Frames.Series];

        internal long SeenIn { get; set; }

        internal bool HasFrames { get; set; }
    }
}
