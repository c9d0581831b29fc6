using Monitoring.Agent.Detection;

namespace Monitoring.Agent.Recordings;

/// <summary>
/// Lets event sources see for a recording what they see for a running agent, from its beginning on. Where they came to is kept nowhere,
/// so that an agent beside it misses and repeats nothing. One thread calls <see cref="Turn"/>.
/// </summary>
internal sealed class EventRecorder
{
    private static readonly TimeSpan SecondInterval = TimeSpan.FromSeconds(1);

    private readonly SightingQueue queue = new();
    private readonly GpuDirectory gpus = new();
    private readonly IReadOnlyList<IEventSource> sources;
    private readonly Func<IEnumerable<GpuSubject>> present;
    private readonly TimeProvider time;
    private readonly SightingIntake intake;
    private long secondAt;

    /// <param name="identity">Who the node is.</param>
    /// <param name="sources">What sees incidents; started by <see cref="Start"/>.</param>
    /// <param name="present">The GPUs as they are now.</param>
    /// <param name="recorder">Gets the events.</param>
    /// <param name="only">Indexes of the GPUs whose events are recorded; null for all. Events of the node always are.</param>
    /// <param name="failed">Gets a fault of the agent that one sighting brought about.</param>
    /// <param name="time">The clock.</param>
    internal EventRecorder(
        NodeIdentity identity, IReadOnlyList<IEventSource> sources, Func<IEnumerable<GpuSubject>> present, NodeRecorder recorder, IReadOnlySet<int>? only, Action<Exception> failed, TimeProvider time)
    {
        (this.sources, this.present, this.time) = (sources, present, time);
        intake = new SightingIntake(queue, new SightingMerger(identity, gpus), journal: null, record =>
        {
            if (only is null || record.Gpu?.Index is not { } index || only.Contains(index)) recorder.Take(record);
        }, failed, time) { Since = time.GetUtcNow() };
        secondAt = time.GetTimestamp();
    }

    internal void Start()
    {
        gpus.Add(present());
        foreach (var source in sources) source.Start(queue, cursor: null);
    }

    /// <summary>Hands on what was seen.</summary>
    internal void Turn()
    {
        var begin = time.GetTimestamp();
        if (time.GetElapsedTime(secondAt, begin) >= SecondInterval)
        {
            secondAt = begin;
            gpus.Add(present());
            intake.EndStorms();
        }
        intake.Take(begin);
    }

    /// <summary>Ends the sources and hands on what they saw last.</summary>
    internal void Stop()
    {
        Parallel.ForEach(sources, static source => source.Stop());
        queue.Close();
        intake.Take(time.GetTimestamp(), isLast: true);
    }
}
