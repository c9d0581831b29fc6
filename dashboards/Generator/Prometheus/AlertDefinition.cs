namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>An alert as it is written in code; severity, times and numbers come from <c>values.yaml</c>.</summary>
/// <param name="Name">Its name, by which values, runbook and tests know it.</param>
/// <param name="Component">Whose health it concerns, in the agent's words; empty where the series say it themselves.</param>
/// <param name="Scope">What it speaks of.</param>
/// <param name="Expression">PromQL in which <c>%name%</c> stands for a value.</param>
/// <param name="Summary">One line for a person, with the marks of <see cref="AnnotationText"/>.</param>
/// <param name="Description">What was found and what follows from it, in the same way.</param>
/// <param name="WantsCapture">Whether Alertmanager's webhook shall ask for a capture: only where the agent has no rule of its own that does.</param>
internal sealed record AlertDefinition(string Name, string Component, AlertScope Scope, string Expression, string Summary, string Description, bool WantsCapture = false);
