namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Pieces of PromQL and of Lucene's language that many panels share.</summary>
internal static class Selectors
{
    /// <summary>Everything of the clusters that are chosen.</summary>
    internal const string Cluster = "cluster=~\"$cluster\"";

    /// <summary>Everything of the nodes that are chosen.</summary>
    internal const string Node = Cluster + ",node=~\"$node\"";

    /// <summary>Everything of the GPU that is chosen.</summary>
    internal const string Gpu = Node + ",gpu=\"$gpu\"";

    /// <summary>Boards and not the instances that a board is divided into, which report some of the same metrics.</summary>
    internal const string Board = ",mig_gi=\"\"";

    /// <summary>Documents of the nodes that are chosen. A pattern, since "All" is one.</summary>
    internal const string NodeDocuments = "orchestrator.cluster.name:/${cluster:regex}/ AND host.name:/${node:regex}/";

    /// <summary>Documents of the clusters that are chosen.</summary>
    internal const string ClusterDocuments = "orchestrator.cluster.name:/${cluster:regex}/";

    /// <summary>
    /// The worst reason that holds clocks down now, 0 for none, by some labels: one row of a timeline in place of one per reason. Harm
    /// and rarity rise with the number; hw_slowdown is set together with the two that say why.
    /// </summary>
    /// <param name="labels">Labels that are kept.</param>
    /// <param name="selector">Which GPUs.</param>
    internal static string WorstThrottle(string labels, string selector) => $"max by ({labels}) (" + string.Join(
        " or ",
        new[] { "sync_boost", "sw_power_cap", "sw_thermal", "hw_slowdown", "hw_thermal", "hw_power_brake" }.Select((reason, place) => $"{place + 1} * gpu_throttle_active{{{selector},reason=\"{reason}\"}}")) + ")";

    /// <summary>The worst state of health, 0 healthy, 1 degraded, 2 unhealthy, by some labels.</summary>
    /// <param name="labels">Labels that are kept.</param>
    /// <param name="selector">Which GPUs and components.</param>
    internal static string WorstHealth(string labels, string selector) =>
        $"max by ({labels}) (2 * gpu_health_state{{{selector},state=\"unhealthy\"}} or 1 * gpu_health_state{{{selector},state=\"degraded\"}})";

    /// <summary>
    /// How much a counter grew whose series are born at their first happening: an increase would not see the first of a kind, which for
    /// captures and events is often the only one. Such counters are made of what the agent keeps on disk, and never fall.
    /// </summary>
    /// <param name="labels">Labels that are kept; empty for the sum of all.</param>
    /// <param name="counter">The counter, selected.</param>
    /// <param name="time">Over how long.</param>
    internal static string Grown(string labels, string counter, string time = "$__rate_interval") =>
        $"sum{(labels.Length > 0 ? $" by ({labels}) " : "")}({counter} - ({counter} offset {time} or 0 * {counter}))";

    /// <summary>A metric of the GPUs that work for the job that is chosen, and of no others.</summary>
    /// <param name="values">The metric, selected by <see cref="Node"/>.</param>
    internal static string OfJob(string values) => $"{values} and on (cluster, node, gpu) gpu_job_info{{{Node},job_id=\"$job_id\"}}";
}
