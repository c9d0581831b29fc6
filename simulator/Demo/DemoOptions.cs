namespace Monitoring.Simulator.Demo;

/// <summary>What a demo runs.</summary>
/// <param name="AgentPath">The program <c>gpu-agent</c>.</param>
/// <param name="CollectorPath">The program <c>gpu-collector</c>.</param>
/// <param name="PrometheusPath">The program <c>prometheus</c>, looked up in PATH when it is a bare name; null to do without.</param>
/// <param name="NodeCount">Simulated nodes.</param>
/// <param name="GpuCount">GPUs per node.</param>
/// <param name="Profile">Name or file of the node profile.</param>
/// <param name="Duration">How long it runs once everything is up, followed by a verdict; null for until it is stopped.</param>
/// <param name="Recording">A recording that the one node plays; null for simulated nodes with incidents.</param>
/// <param name="Directory">Where state and logs go and stay; null for a temporary directory that is deleted.</param>
/// <param name="Elasticsearch">The Elasticsearch or OpenSearch that the collector fills; null for none.</param>
internal sealed record DemoOptions(
    string AgentPath,
    string CollectorPath,
    string? PrometheusPath,
    int NodeCount,
    int GpuCount,
    string Profile,
    TimeSpan? Duration,
    string? Directory,
    string? Recording = null,
    Uri? Elasticsearch = null)
{
    /// <summary>The value of the label <c>cluster</c>.</summary>
    public const string Cluster = "demo";

    /// <summary>Name of a node, counted from 1.</summary>
    public static string NodeName(int number) => $"demo-node-{number}";
}
