using System.Globalization;
using System.Text.Json;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Health;

/// <summary>Answers for the metric of health.</summary>
internal static class HealthReadings
{
    private static readonly (HealthState State, string Label)[] States =
        [.. Enum.GetValues<HealthState>().Select(static state => (state, JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString())))];

    internal static void Register(NodeReadings readings, HealthEvaluator health) => readings.Add(MetricTable.HealthState, () => Read(health.Current));

    private static IEnumerable<NodeReading> Read(NodeHealth node) =>
        Read("node", "", node.Components).Concat(node.Gpus.SelectMany(static gpu =>
            Read(gpu.Index?.ToString(CultureInfo.InvariantCulture) ?? "", gpu.Uuid, gpu.Components)));

    private static IEnumerable<NodeReading> Read(string gpu, string uuid, IReadOnlyList<ComponentHealth> components) =>
        from component in components
        from state in States
        select new NodeReading(component.State == state.State ? 1 : 0, gpu, uuid, component.Component, state.Label);
}
