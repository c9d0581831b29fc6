namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>What can be chosen in the rules: <c>dashboards/prometheus/values.yaml</c>.</summary>
internal sealed record RuleValues
{
    /// <summary>Where the runbooks are published, ending with a slash.</summary>
    internal required string Runbooks { get; init; }

    /// <summary>Grafana's address, without a slash at its end.</summary>
    internal required string Grafana { get; init; }

    /// <summary>The collector's address, without a slash at its end.</summary>
    internal required string Collector { get; init; }

    /// <summary>Matchers put on every series; empty for none.</summary>
    internal required string Selector { get; init; }

    /// <summary>Pattern of the jobs that scrape nodes.</summary>
    internal required string NodeJobs { get; init; }

    /// <summary>Pattern of the job that scrapes the collector.</summary>
    internal required string CollectorJob { get; init; }

    /// <summary>How often groups are evaluated.</summary>
    internal required string Interval { get; init; }

    /// <summary>In how long a window incidents are looked for.</summary>
    internal required string IncidentWindow { get; init; }

    /// <summary>Fatal XIDs that are not counted as coming back.</summary>
    internal required IReadOnlyList<int> XidsNotRepeated { get; init; }

    /// <summary>The alerts by name.</summary>
    internal required IReadOnlyDictionary<string, AlertValues> Alerts { get; init; }
}
