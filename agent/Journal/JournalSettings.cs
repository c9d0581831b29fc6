using Monitoring.Settings;

namespace Monitoring.Agent.Journal;

/// <summary>How much the journal keeps.</summary>
[SettingsSection("The journal of events below the state directory: they stay there, sent or not, until a limit is reached.")]
public sealed class JournalSettings
{
    [Setting("Bytes of the journal on disk, never exceeded; the oldest events are deleted first.", Minimum = "16MiB", Maximum = "16GiB")]
    public long MaximumBytes { get; set; } = 64 << 20;

    [Setting("Age from which on events are deleted.", Minimum = "1h", Maximum = "365d")]
    public TimeSpan MaximumAge { get; set; } = TimeSpan.FromDays(14);
}
