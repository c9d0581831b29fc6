namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>A recording rule.</summary>
/// <param name="Name">level:metric:operations.</param>
/// <param name="Expression">PromQL in which <c>%name%</c> stands for a value.</param>
/// <param name="Meaning">What it holds, for people.</param>
internal sealed record RecordingDefinition(string Name, string Expression, string Meaning)
{
    /// <summary>Labels that the rule adds.</summary>
    internal IReadOnlyList<(string Name, string Value)> Labels { get; init; } = [];
}
