using Monitoring.Dashboards.Generator.Prometheus.Alerts;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Every alert. A family of alerts is a line here.</summary>
internal static class AlertGroups
{
    /// <summary>The groups in the order of the file.</summary>
    /// <param name="agentRules">Names of the agent's shipped rules.</param>
    internal static IReadOnlyList<AlertGroup> All(IEnumerable<string> agentRules) =>
    [
        MemoryAlerts.Group,
        DriverAlerts.Group,
        ThermalAlerts.Group,
        LinkAlerts.Group,
        LinkAlerts.NetworkGroup,
        HealthAlerts.Group(string.Join('|', agentRules)),
        AgentAlerts.Group,
        PipelineAlerts.Group,
    ];
}
