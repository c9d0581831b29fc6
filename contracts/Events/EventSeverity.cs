using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Events;

/// <summary>How urgent an event is: critical pages somebody, warning makes a ticket, info is for the record; in rising order but for unknown.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventSeverity>))]
public enum EventSeverity
{
    /// <summary>The catalogue does not know the code.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown,
    [JsonStringEnumMemberName("info")] Info,
    [JsonStringEnumMemberName("warning")] Warning,
    [JsonStringEnumMemberName("critical")] Critical,
}

/// <summary>Where in the life of its incident an event stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventPhase>))]
public enum EventPhase
{
    /// <summary>Happened at one instant and has no end, such as an XID.</summary>
    [JsonStringEnumMemberName("instant")] Instant,

    /// <summary>Begins an incident, such as a rule that fires.</summary>
    [JsonStringEnumMemberName("started")] Started,

    /// <summary>Ends the incident that <see cref="EventRecord.Incident"/> names.</summary>
    [JsonStringEnumMemberName("ended")] Ended,
}
