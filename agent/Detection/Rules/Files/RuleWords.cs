using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>The words of a rule file and what they mean; reading and printing both come from here.</summary>
internal static class RuleWords
{
    internal static readonly IReadOnlyDictionary<string, EventSeverity> Severities = new Dictionary<string, EventSeverity>
    {
        ["info"] = EventSeverity.Info,
        ["warning"] = EventSeverity.Warning,
        ["critical"] = EventSeverity.Critical,
    };

    /// <summary>Severities from which an event counts; any also takes codes that the catalogue does not know.</summary>
    internal static readonly IReadOnlyDictionary<string, EventSeverity> LeastSeverities = new Dictionary<string, EventSeverity>
    {
        ["any"] = EventSeverity.Unknown,
        ["info"] = EventSeverity.Info,
        ["warning"] = EventSeverity.Warning,
        ["critical"] = EventSeverity.Critical,
    };

    internal static readonly IReadOnlyDictionary<string, string> Components = Detection.Components.All.ToDictionary(static name => name, static name => name);

    internal static readonly IReadOnlyDictionary<string, HealthState> HealthStates = new Dictionary<string, HealthState>
    {
        ["healthy"] = HealthState.Healthy,
        ["degraded"] = HealthState.Degraded,
        ["unhealthy"] = HealthState.Unhealthy,
    };

    internal static readonly IReadOnlyDictionary<string, ClearedBy> Clearings = new Dictionary<string, ClearedBy>
    {
        ["condition"] = ClearedBy.Condition,
        ["time"] = ClearedBy.Time,
        ["reset"] = ClearedBy.Reset,
        ["reboot"] = ClearedBy.Reboot,
        ["person"] = ClearedBy.Person,
    };

    internal static readonly IReadOnlyDictionary<string, object> Actions = new Dictionary<string, object>
    {
        ["event"] = RuleActions.Event,
        ["capture"] = RuleActions.Capture,
    };

    /// <summary>Profilers that a rule can ask for; the counters come along with each.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Profilers =
        ProfilerNames.All.Where(static name => name != ProfilerNames.Ncu).ToDictionary(static name => name, static name => name); // ncu profiles no job that runs

    internal static readonly IReadOnlyDictionary<string, Combine> Combinations = new Dictionary<string, Combine>
    {
        ["sum"] = Combine.Sum,
        ["maximum"] = Combine.Maximum,
        ["minimum"] = Combine.Minimum,
        ["mean"] = Combine.Mean,
        ["count"] = Combine.Count,
    };

    internal static readonly IReadOnlyDictionary<string, Statistic> Statistics = new Dictionary<string, Statistic>
    {
        ["mean"] = Statistic.Mean,
        ["minimum"] = Statistic.Minimum,
        ["maximum"] = Statistic.Maximum,
    };

    /// <summary>Kinds of event that a rule can wait for; what rules themselves make, captures included, is not fed back.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Kinds = EventKinds.All.Where(static kind => kind is not (EventKinds.Anomaly or EventKinds.Capture)).ToDictionary(static kind => kind, static kind => kind);

    internal static readonly IReadOnlyDictionary<Comparison, string> Operators = new Dictionary<Comparison, string>
    {
        [Comparison.Above] = ">",
        [Comparison.AtLeast] = ">=",
        [Comparison.Below] = "<",
        [Comparison.AtMost] = "<=",
        [Comparison.Equal] = "==",
        [Comparison.NotEqual] = "!=",
    };

    /// <summary>The word for a value.</summary>
    internal static string Of<T>(IReadOnlyDictionary<string, T> words, T value) where T : notnull =>
        words.First(word => EqualityComparer<T>.Default.Equals(word.Value, value)).Key;
}
