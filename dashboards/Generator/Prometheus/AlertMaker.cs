namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Fills alerts with their values.</summary>
/// <param name="values">All values.</param>
internal sealed class AlertMaker(RuleValues values)
{
    /// <summary>How long a capture is that an alert asks for; the collector bounds it.</summary>
    private const string CaptureDuration = "10s";

    private readonly ExpressionText expressions = new(values);

    /// <summary>Makes one.</summary>
    /// <exception cref="ValuesException">Values are missing, or one is there that the alert does not use.</exception>
    internal MadeAlert Make(AlertDefinition definition)
    {
        if (!values.Alerts.TryGetValue(definition.Name, out var own)) throw new ValuesException($"alerts.{definition.Name} is missing, expected severity, for, source and its numbers");
        var used = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var expression = expressions.Fill(definition.Expression, own.Numbers, used);
            var annotations = Annotations(definition, own, used);
            return own.Numbers.Keys.FirstOrDefault(name => !used.Contains(name)) is { } stray
                ? throw new ValuesException($"the key {stray} is used by nothing")
                : new MadeAlert(definition, own, expression, Labels(definition, own), annotations);
        }
        catch (ValuesException fault)
        {
            throw new ValuesException($"alerts.{definition.Name}: {fault.Message}");
        }
    }

    // That a capture is wanted is a label and no annotation, so that Alertmanager can route by it.
    private static List<(string Name, string Value)> Labels(AlertDefinition definition, AlertValues own)
    {
        List<(string Name, string Value)> labels = [("severity", own.Severity)];
        if (definition.Component.Length > 0) labels.Add(("component", definition.Component));
        if (definition.WantsCapture) labels.Add(("capture", "true"));
        return labels;
    }

    private List<(string Name, string Value)> Annotations(AlertDefinition definition, AlertValues own, HashSet<string> used)
    {
        List<(string Name, string Value)> annotations =
        [
            ("summary", AnnotationText.Fill(definition.Summary, own.Numbers, used)),
            ("description", AnnotationText.Fill(definition.Description, own.Numbers, used)),
            ("runbook_url", values.Runbooks + definition.Name),
            ("dashboard_url", values.Grafana + Dashboard(definition.Scope)),
        ];
        if (definition.Scope is AlertScope.Gpu or AlertScope.Node) annotations.Add(("captures_url", values.Collector + "/api/v1/captures?node={{ $labels.node | urlquery }}"));
        if (definition.WantsCapture) annotations.Add(("capture_duration", CaptureDuration));
        return annotations;
    }

    private static string Dashboard(AlertScope scope)
    {
        const string Cluster = "?var-cluster={{ $labels.cluster | urlquery }}";
        const string Node = Cluster + "&var-node={{ $labels.node | urlquery }}";
        return scope switch
        {
            AlertScope.Gpu => $"/d/gpu-device{Node}&var-gpu={{{{ $labels.gpu }}}}",
            AlertScope.Node => $"/d/gpu-node{Node}",
            AlertScope.Job => $"/d/gpu-job{Cluster}&var-job_id={{{{ $labels.job_id | urlquery }}}}",
            AlertScope.Agent => $"/d/gpu-pipeline{Node}",
            AlertScope.Pipeline => $"/d/gpu-pipeline{Cluster}",
            _ => $"/d/gpu-fleet{Cluster}",
        };
    }
}
