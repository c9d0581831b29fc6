using System.Globalization;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Hosting;

/// <summary>/healthz: the agent works; /readyz: it has fresh data of at least one GPU. Plain text that says why not.</summary>
internal static class HealthEndpoints
{
    internal static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", static async context =>
        {
            var standstill = context.RequestServices.GetRequiredService<SamplingSupervisor>().Standstill;
            await Answer(context, standstill.Length == 0, "ok\n", standstill + "\n").ConfigureAwait(false);
        });
        app.MapGet("/readyz", static async context =>
        {
            var node = context.RequestServices.GetRequiredService<NodeSampler>();
            var freshness = context.RequestServices.GetRequiredService<Freshness>();
            var lines = node.Lanes.Select(lane => (Fresh: IsFresh(lane, freshness), lane.Index)).ToArray();
            var report = string.Concat(lines.Select(static line =>
                string.Create(CultureInfo.InvariantCulture, $"gpu {line.Index}: {(line.Fresh ? "fresh" : "no fresh data")}\n")));
            var none = node.Trouble.Length > 0 ? node.Trouble + "\n" : "no GPU was read yet\n";
            await Answer(context, lines.Any(static line => line.Fresh), report, lines.Length > 0 ? report : none).ConfigureAwait(false);
        });
    }

    private static bool IsFresh(GpuLane lane, Freshness freshness) =>
        lane.Sampler is { } sampler && freshness.HasData(sampler.Sets[0].Series);

    private static Task Answer(HttpContext context, bool good, string well, string ill)
    {
        context.Response.StatusCode = good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(good ? well : ill, context.RequestAborted);
    }
}
