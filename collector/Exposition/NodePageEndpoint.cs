using System.Globalization;
using System.IO.Compression;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>
/// Serves <c>/nodes/{node}/metrics</c>. A node that is unknown is 404; one whose data has expired is 503, so that
/// Prometheus shows it as <c>up == 0</c>.
/// </summary>
internal sealed class NodePageEndpoint(SeriesStore store, TimeProvider time)
{
    /// <summary>Name of the route's value that holds the node.</summary>
    public const string RouteValue = "node";

    /// <summary>The route.</summary>
    public const string Route = "/nodes/{" + RouteValue + "}/metrics";

    /// <summary>The path of a node's page.</summary>
    public static string PathOf(string node) => $"/nodes/{Uri.EscapeDataString(node)}/metrics";

    /// <summary>Answers one scrape.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var name = context.Request.RouteValues[RouteValue] as string ?? "";
        // A slash in a name stays escaped in the path; the rest the server has unescaped.
        if (!store.Nodes.TryGet(name, out var node) && !store.Nodes.TryGet(name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), out node))
        {
            await context.AnswerAsync(StatusCodes.Status404NotFound,
                $"No node '{name}' has pushed within the last {Words(store.NodeRetention)}. The nodes known are listed at /api/v1/nodes.");
            return;
        }

        var now = time.GetTimestamp();
        if (!node.IsFresh(now))
        {
            await context.AnswerAsync(StatusCodes.Status503ServiceUnavailable,
                $"Node '{node.Name}' pushed last at {node.LastPush:yyyy-MM-dd HH:mm:ss} UTC; its data has expired. Look at the agent there and at the way from it to here.");
            return;
        }

        var format = PageNegotiation.Choose(context.Request.Headers.Accept);
        using var page = new PageBuffer();
        if (!NodePage.TryWrite(node, now, format, page))
        {
            await context.AnswerAsync(StatusCodes.Status503ServiceUnavailable,
                $"The series of node '{node.Name}' change faster than they can be read. Look for a sender there that pushes without pause.");
            return;
        }

        await SendAsync(context, format, page.Written);
    }

    private static async Task SendAsync(HttpContext context, PageFormat format, ReadOnlyMemory<byte> page)
    {
        var response = context.Response;
        response.ContentType = format.ContentType();
        response.Headers.Vary = "Accept, Accept-Encoding";
        if (!PageNegotiation.AllowsGzip(context.Request.Headers.AcceptEncoding))
        {
            response.ContentLength = page.Length;
            await response.Body.WriteAsync(page, context.RequestAborted);
            return;
        }

        response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(page, context.RequestAborted);
    }

    private static string Words(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} minutes");
}
