using Monitoring.Settings;

namespace Monitoring.Collector.Events;

/// <summary>Limits of the events that are taken and kept.</summary>
internal sealed class EventSettings
{
    /// <summary>Room for events on disk.</summary>
    [Setting("Room for events on disk; beyond it the oldest go first. What queries need of an event takes about 60 bytes of memory beside it.", Minimum = "1MiB", Maximum = "1TiB")]
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>How long events are kept.</summary>
    [Setting("How long events are kept; one that is older when it arrives is counted and not kept.", Minimum = "1h", Maximum = "3650d")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Room for events where there is no state directory.</summary>
    [Setting("Room for events in memory where there is no state directory; beyond it the oldest go first.", Minimum = "1MiB", Maximum = "16GiB")]
    public long MaxMemoryBytes { get; set; } = 64L << 20;

    /// <summary>Size of one event.</summary>
    [Setting("Largest event that is taken, as JSON.", Minimum = "1KiB", Maximum = "1MiB")]
    public int MaxEventBytes { get; set; } = 64 << 10;

    /// <summary>Events of a push.</summary>
    [Setting("Events that one push may hold.", Minimum = "1", Maximum = "1000000")]
    public int MaxEventsPerPush { get; set; } = 10_000;

    /// <summary>Events on their way to the disk.</summary>
    [Setting("Events that may wait for the disk at once; further pushes are answered 503 until it has caught up.", Minimum = "1MiB", Maximum = "16GiB")]
    public long MaxPendingBytes { get; set; } = 64L << 20;
}
