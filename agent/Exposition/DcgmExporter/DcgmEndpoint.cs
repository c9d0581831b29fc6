using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>dcgm-exporter's <c>/metrics</c> and <c>/health</c> on a listener of their own; the agent's own routes are not there, nor these elsewhere.</summary>
internal static class DcgmEndpoint
{
    /// <summary>Listens for it.</summary>
    internal static void ListenAsDcgmExporter(this KestrelServerOptions kestrel, IPEndPoint end) =>
        kestrel.Listen(end, static listen => listen.Use(static next => connection =>
        {
            connection.Features.Set(Listener.Mark);
            return next(connection);
        }));

    /// <summary>Answers what comes in there; to be called before any other route is mapped.</summary>
    internal static void UseDcgmExporter(this IApplicationBuilder app, DcgmPage page) =>
        app.Use(next => context => context.Features.Get<Listener>() is null ? next(context) : Answer(context, page));

    private static Task Answer(HttpContext context, DcgmPage page)
    {
        var answer = context.Response;
        answer.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            answer.Headers.Allow = "GET, HEAD";
            answer.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }
        switch (context.Request.Path.Value)
        {
            case "/metrics":
                answer.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                if (HttpMethods.IsGet(context.Request.Method)) page.Write(answer.BodyWriter);
                return answer.BodyWriter.FlushAsync(context.RequestAborted).AsTask();
            case "/health":
                answer.ContentType = "text/plain; charset=utf-8";
                answer.Headers["X-Registry-Available"] = "true";
                return answer.WriteAsync("OK", context.RequestAborted);
            default:
                answer.StatusCode = StatusCodes.Status404NotFound;
                return answer.WriteAsync("Here are /metrics and /health, as dcgm-exporter has them; the agent's own pages are on the address of the setting listen.\n", context.RequestAborted);
        }
    }

    /// <summary>Marks a connection of this listener.</summary>
    private sealed class Listener
    {
        internal static readonly Listener Mark = new();
    }
}
