using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Commands;

/// <summary>What becomes of a firing whose time passed while the collector did not run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleMisfire>))]
public enum ScheduleMisfire
{
    /// <summary>It is left out, and the audit says so.</summary>
    [JsonStringEnumMemberName("skip")] Skip,

    /// <summary>However many were missed, one is made up for.</summary>
    [JsonStringEnumMemberName("run_once")] RunOnce,
}

/// <summary>Captures at certain times.</summary>
public sealed record ScheduleDefinition
{
    public string? Name { get; init; }

    /// <summary>Five fields as of crontab (<c>0 3 * * 1</c>), or six or seven with seconds in front as Quartz reads them (<c>0 0 3 ? * MON</c>).</summary>
    public string? Cron { get; init; }

    /// <summary>IANA name of the time zone that the times are of; null for UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What to capture, as in a <see cref="CaptureOrder"/>.</summary>
    public string? Selector { get; init; }

    public double? DurationSeconds { get; init; }

    public IReadOnlyList<string>? Profilers { get; init; }

    /// <summary>Null for <see cref="ScheduleMisfire.Skip"/>.</summary>
    public ScheduleMisfire? Misfire { get; init; }

    /// <summary>Who made it.</summary>
    public string? By { get; init; }
}

/// <summary>A schedule and how it stands.</summary>
/// <param name="Source"><c>configuration</c> or <c>api</c>; only the latter can be changed over the API.</param>
/// <param name="LastFired">The time of the firing that was last taken or left out; null before the first.</param>
/// <param name="NextFire">Null where there is none any more.</param>
public sealed record ScheduleStatus(ScheduleDefinition Schedule, string Source, DateTimeOffset? LastFired, DateTimeOffset? NextFire);

/// <summary>Every schedule, by name.</summary>
public sealed record ScheduleList(IReadOnlyList<ScheduleStatus> Schedules);
