using Monitoring.Settings;
using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Logs;

/// <summary>Which log lines are taken of agents, and for how long they are kept.</summary>
internal sealed class LogStoreSettings
{
    /// <summary>Room for log lines on disk.</summary>
    [Setting("Room for log lines on disk; beyond it the oldest go first. What queries need of a line takes about 50 bytes of memory beside it.", Minimum = "1MiB", Maximum = "64GiB")]
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>How long log lines are kept.</summary>
    [Setting("How long log lines are kept.", Minimum = "1h", Maximum = "3650d")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Room for log lines where there is no state directory.</summary>
    [Setting("Room for log lines in memory where there is no state directory; beyond it the oldest go first.", Minimum = "1MiB", Maximum = "1GiB")]
    public long MaxMemoryBytes { get; set; } = 8L << 20;

    /// <summary>Size of one line.</summary>
    [Setting("Largest log line that is taken, as JSON with its exception.", Minimum = "1KiB", Maximum = "60KiB")]
    public int MaxLineBytes { get; set; } = 32 << 10;

    /// <summary>Lines of a push.</summary>
    [Setting("Log lines that one push may hold.", Minimum = "1", Maximum = "100000")]
    public int MaxLinesPerPush { get; set; } = 10_000;

    /// <summary>Lines on their way to the disk.</summary>
    [Setting("Log lines that may wait for the disk at once; further pushes are answered 429 until it has caught up.", Minimum = "1MiB", Maximum = "1GiB")]
    public long MaxPendingBytes { get; set; } = 16L << 20;

    /// <summary>What of the collector's own log is kept among them.</summary>
    [Setting("Least level of the collector's own lines that are kept among them; none keeps none.")]
    public LogThreshold OwnLevel { get; set; } = LogThreshold.Information;
}
