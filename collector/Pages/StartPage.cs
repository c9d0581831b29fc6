namespace Monitoring.Collector.Pages;

/// <summary>Where a person comes in: what there is to be seen here, and where programs ask.</summary>
internal static class StartPage
{
    private const string Body = """
        <ul>
        <li><a href="/events">Events</a>: what happened to the GPUs of all nodes, newest first</li>
        <li><a href="/captures">Captures</a>: profiles of moments that mattered, what they found, and their files</li>
        <li><a href="/logs">Logs</a>: what the agents and this collector say of themselves</li>
        <li><a href="/metrics">Metrics</a> of this collector; those of nodes are at <code>/nodes/NODE/metrics</code>, and Prometheus finds them at <a href="/sd/prometheus">/sd/prometheus</a></li>
        <li><a href="/api/v1/nodes">Nodes</a> that it hears of (JSON)</li>
        </ul>
        <p class="quiet">Programs ask <a href="/api/v1/events">/api/v1/events</a>, <a href="/api/v1/captures">/api/v1/captures</a> and <a href="/api/v1/logs">/api/v1/logs</a> with the parameters of these pages.</p>

        """;

    /// <summary>Answers the page.</summary>
    public static Task HandleAsync(HttpContext context)
    {
        var page = new Html();
        page.Add(Body);
        return PageFrame.AnswerAsync(context, StatusCodes.Status200OK, "/", "GPU monitoring", page);
    }
}
