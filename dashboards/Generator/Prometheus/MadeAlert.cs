namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>An alert with everything filled in.</summary>
/// <param name="Definition">As it is written in code.</param>
/// <param name="Values">Its values.</param>
/// <param name="Expression">PromQL.</param>
/// <param name="Labels">Labels that it adds.</param>
/// <param name="Annotations">Texts and links for people.</param>
internal sealed record MadeAlert(
    AlertDefinition Definition, AlertValues Values, string Expression, IReadOnlyList<(string Name, string Value)> Labels, IReadOnlyList<(string Name, string Value)> Annotations);
