using Monitoring.Settings;

namespace Monitoring.Collector.Commands;

/// <summary>How many captures the cluster takes. A capture costs the job that it watches, and a fault of the network fires a rule on every node at once.</summary>
internal sealed class BudgetSettings
{
    /// <summary>At the same time.</summary>
    [Setting("Captures that may be under way in the cluster at the same time.", Minimum = "1", Maximum = "10000")]
    public int MaxConcurrent { get; set; } = 16;

    /// <summary>For one rule.</summary>
    [Setting("Captures that one rule, or one alert, may have within rule_window; the first nodes that ask get them.", Minimum = "1", Maximum = "10000")]
    public int MaxPerRule { get; set; } = 4;

    /// <summary>The time over which those of a rule are counted.</summary>
    [Setting("The time over which the captures of a rule are counted.", Minimum = "10s", Maximum = "1h")]
    public TimeSpan RuleWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>In an hour.</summary>
    [Setting("Captures that the cluster takes in an hour, whoever asks.", Minimum = "1", Maximum = "5000")]
    public int MaxPerHour { get; set; } = 120;

    /// <summary>Of one job.</summary>
    [Setting("Captures of one job that may be under way at the same time; a victim and its control are two, those on all nodes that a person or a schedule asks for at once are one.", Minimum = "1", Maximum = "10000")]
    public int MaxConcurrentPerJob { get; set; } = 2;

    /// <summary>When a lease ends by itself.</summary>
    [Setting("How long after the end of its recording a capture counts as under way where its node says nothing more of it.", Minimum = "10s", Maximum = "1h")]
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromMinutes(5);
}
