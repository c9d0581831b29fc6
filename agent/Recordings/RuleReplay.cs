using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Recordings;

namespace Monitoring.Agent.Recordings;

/// <summary>Which part of a recording is replayed, by its wall clock; null for all of it.</summary>
/// <param name="FromUnixMicroseconds">First time that counts.</param>
/// <param name="ToUnixMicroseconds">Last time that counts.</param>
internal readonly record struct ReplayRange(long? FromUnixMicroseconds, long? ToUnixMicroseconds)
{
    internal bool Contains(long unixMicroseconds) => !(unixMicroseconds < FromUnixMicroseconds) && !(unixMicroseconds > ToUnixMicroseconds);
}

/// <summary>What rules did over a recording.</summary>
/// <param name="Header">Where and when the recording was made.</param>
/// <param name="Frames">Frames of GPUs and of the node that were replayed.</param>
/// <param name="Events">Events that were replayed.</param>
/// <param name="FirstUnixMicroseconds">Time of the first frame.</param>
/// <param name="LastUnixMicroseconds">Time of the last frame.</param>
/// <param name="Timelines">Of each rule set, in their order.</param>
/// <param name="Trouble">Why the recording ends early; empty for a whole one.</param>
internal sealed record ReplayOutcome(
    RecordingHeader Header, long Frames, long Events, long FirstUnixMicroseconds, long LastUnixMicroseconds, IReadOnlyList<ReplayTimeline> Timelines, string Trouble);

/// <summary>
/// Runs rules over a recording as fast as it can be read. Every time comes from the recording, so the same file and the same rules always
/// give the same findings.
/// </summary>
internal static class RuleReplay
{
    /// <summary>
    /// How often rules are told the time where no frame does: what time alone decides, the end of an event's window or frames that are
    /// missing, is told up to this much later than in a running agent.
    /// </summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    /// <summary>Replays a recording with several sets of rules at once.</summary>
    /// <exception cref="RecordingException">It is no recording.</exception>
    /// <exception cref="ArgumentException">A rule cannot be run.</exception>
    internal static ReplayOutcome Run(Stream file, IReadOnlyList<IReadOnlyList<RuleDefinition>> ruleSets, ReplayRange range = default)
    {
        var reader = new RecordingReader(file);
        var header = reader.Header;
        var started = header.Started.ToUnixTimeMilliseconds() * 1000;
        var node = new NodeIdentity(header.Cluster, header.Node, header.BootId);
        var timelines = ruleSets.Select(static rules => new ReplayTimeline(rules)).ToArray();
        var engines = timelines.Select(timeline => new RuleEngine(node, timeline, header.TimestampFrequency)).ToArray();
        for (var set = 0; set < engines.Length; set++) engines[set].Use(ruleSets[set], started);

        var layouts = new Dictionary<int, (GpuSubject? Gpu, FrameLayout Layout)>();
        var clock = new ReplayClock(header.TimestampFrequency, TickInterval, engines);
        var (frames, events, first, last) = (0L, 0L, (long?)null, 0L);
        while (reader.Read() is not RecordingItem.End and var item)
        {
            switch (item)
            {
                case RecordingItem.Layout:
                    layouts[reader.LayoutNumber] = (Subject(reader.Layout.Gpu), Layout(reader.Layout));
                    break;
                case RecordingItem.Frame when range.Contains(reader.Stamp.UnixMicroseconds):
                    var stamp = new FrameStamp(reader.Stamp.Number, reader.Stamp.UnixMicroseconds, reader.Stamp.Timestamp, (Tiers)reader.Stamp.Tiers);
                    clock.MoveTo(stamp);
                    var (gpu, layout) = layouts[reader.LayoutNumber];
                    foreach (var engine in engines)
                        if (gpu is null) engine.TakeNode(layout, stamp, reader.Values);
                        else engine.Take(gpu, layout, stamp, reader.Values);
                    frames++;
                    first ??= stamp.UnixMicroseconds;
                    last = stamp.UnixMicroseconds;
                    break;
                // One from before the first frame, as a source that catches up hands it in, counts at its own time where that is in the range.
                case RecordingItem.Event when first is not null && reader.Event is { } record && range.Contains(WallClock.ToUnixMicroseconds(record.Time)):
                    foreach (var engine in engines) engine.Take(record);
                    events++;
                    break;
                case RecordingItem.Gone when layouts.Remove(reader.LayoutNumber, out var gone) && gone.Gpu is { } lost && !layouts.Values.Any(other => other.Gpu?.Uuid == lost.Uuid):
                    foreach (var engine in engines) engine.Leave(lost);
                    break;
            }
        }
        foreach (var timeline in timelines) timeline.End(last);
        return new ReplayOutcome(header, frames, events, first ?? started, Math.Max(last, first ?? started), timelines, reader.Trouble);
    }

    private static GpuSubject? Subject(RecordedGpu? gpu) => gpu is null ? null : new GpuSubject(gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId, gpu.Model);

    private static FrameLayout Layout(RecordedLayout layout) => new([.. layout.Series.Select(static series => new SeriesName(series.Metric, series.Labels, (Tier)series.Tier))]);
}
