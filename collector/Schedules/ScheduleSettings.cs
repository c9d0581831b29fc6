using Monitoring.Contracts.Commands;
using Monitoring.Settings;

namespace Monitoring.Collector.Schedules;

/// <summary>A schedule of the configuration file.</summary>
internal sealed class ScheduleSettings
{
    /// <summary>Its name.</summary>
    [Setting("Name of the schedule: 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'.")]
    public string Name { get; set; } = "";

    /// <summary>When.</summary>
    [Setting("When: five fields as of crontab (0 3 * * 1), or six or seven with seconds in front (0 0 3 ? * MON).")]
    public string Cron { get; set; } = "";

    /// <summary>Where the clock hangs.</summary>
    [Setting("IANA name of the time zone of the times.")]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Of what.</summary>
    [Setting("What to capture: all, or node=NAME (with * and ?), gpu=INDEX, uuid=UUID and job=ID with commas between them.")]
    public string Selector { get; set; } = "";

    /// <summary>How long.</summary>
    [Setting("How long to record.", Minimum = "100ms", Maximum = "1h")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>With what.</summary>
    [Setting("Profilers in order of preference; none leaves the choice to the node.")]
    public List<string> Profilers { get; set; } = [];

    /// <summary>What was missed.</summary>
    [Setting("What becomes of firings that passed while the collector did not run.")]
    public ScheduleMisfire Misfire { get; set; } = ScheduleMisfire.Skip;

    /// <summary>The same as over the API.</summary>
    public ScheduleDefinition ToDefinition() => new()
    {
        Name = Name, Cron = Cron, TimeZone = TimeZone, Selector = Selector, DurationSeconds = Duration.TotalSeconds, Profilers = [.. Profilers], Misfire = Misfire, By = ScheduleBook.FromConfiguration,
    };
}
