namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>What <c>values.yaml</c> says of an alert.</summary>
/// <param name="Severity">critical, warning, info or none.</param>
/// <param name="For">How long it must hold.</param>
/// <param name="KeepFiringFor">How long it stays; null where it ends at once.</param>
/// <param name="Source">Where the numbers come from.</param>
/// <param name="Numbers">Thresholds and windows by name, as written.</param>
internal sealed record AlertValues(string Severity, string For, string? KeepFiringFor, string Source, IReadOnlyDictionary<string, string> Numbers);
