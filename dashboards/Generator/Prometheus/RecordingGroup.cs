namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Recording rules that are evaluated together.</summary>
/// <param name="Name">Name of the group.</param>
/// <param name="Interval">How often.</param>
/// <param name="Rules">In an order in which each uses only those before it.</param>
internal sealed record RecordingGroup(string Name, string Interval, IReadOnlyList<RecordingDefinition> Rules);
