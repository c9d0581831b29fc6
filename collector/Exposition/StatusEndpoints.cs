using System.Text.Json;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>Serves <c>/healthz</c>, <c>/readyz</c> and <c>/api/v1/nodes</c>.</summary>
internal sealed class StatusEndpoints(SeriesStore store, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Alive: the process answers.</summary>
    public static Task HealthAsync(HttpContext context) => context.AnswerAsync(StatusCodes.Status200OK, "ok");

    /// <summary>
    /// Ready: pushes and scrapes are served. That some were received is no condition: a load balancer sends none to a
    /// collector that is not ready. Not ready while stopping.
    /// </summary>
    public Task ReadyAsync(HttpContext context) => lifetime.ApplicationStopping.IsCancellationRequested
        ? context.AnswerAsync(StatusCodes.Status503ServiceUnavailable, "stopping")
        : context.AnswerAsync(StatusCodes.Status200OK, $"ready, {store.Nodes.Count} nodes known");

    /// <summary>The nodes, sorted by name.</summary>
    public Task NodesAsync(HttpContext context)
    {
        var nodes = store.Listed().OrderBy(static node => node.Name, StringComparer.Ordinal).Select(node => NodeStatus.Of(node, time)).ToList();
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, nodes, ExpositionJson.Default.ListNodeStatus, context.RequestAborted);
    }
}
