namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>Values for the variables of dashboards and for Grafana's own words.</summary>
internal static class Choices
{
    /// <summary>Any: for what only looks at the form of a query.</summary>
    internal static IReadOnlyDictionary<string, string> Any { get; } = With("a-cluster", "a-node", "0", "42");

    /// <summary>Some that exist.</summary>
    internal static IReadOnlyDictionary<string, string> With(string cluster, string node, string gpu, string job, string rateInterval = "1m", string range = "1h") => new Dictionary<string, string>
    {
        ["__rate_interval"] = rateInterval, ["__range"] = range, ["__interval"] = rateInterval, ["cluster"] = cluster, ["node"] = node, ["gpu"] = gpu, ["job_id"] = job,
    };
}
