namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>What an alert speaks of: it decides to which dashboard it links and whether it has captures.</summary>
internal enum AlertScope
{
    /// <summary>One GPU, or a link of it.</summary>
    Gpu,

    /// <summary>A node, or a port or service of it.</summary>
    Node,

    /// <summary>A cluster.</summary>
    Cluster,

    /// <summary>A job.</summary>
    Job,

    /// <summary>The watch over an agent: a node whose data may not be trusted.</summary>
    Agent,

    /// <summary>The collector, or the way to it and from it.</summary>
    Pipeline,
}
