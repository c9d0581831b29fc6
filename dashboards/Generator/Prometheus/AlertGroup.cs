namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Alerts that are evaluated together.</summary>
/// <param name="Name">Name of the group.</param>
/// <param name="Alerts">In the order of the file.</param>
internal sealed record AlertGroup(string Name, IReadOnlyList<AlertDefinition> Alerts);
