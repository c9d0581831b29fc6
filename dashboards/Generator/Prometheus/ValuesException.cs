namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary><c>values.yaml</c> cannot be used; the message names the key, the value and the remedy.</summary>
internal sealed class ValuesException(string message) : Exception(message);
