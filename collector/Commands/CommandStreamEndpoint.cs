using System.Globalization;
using System.Text;
using System.Text.Json;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>
/// Serves <c>/v1/commands?node=NAME</c> as server-sent events: what waits for the node, then whatever comes. What the agent has not
/// spoken of is told again after a while, so a command that it lost is not lost.
/// </summary>
internal sealed class CommandStreamEndpoint(CommandHub hub, CommandQueue queue, CommandSettings settings, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int LongestNode = 128;

    // An agent speaks of a capture as soon as it has it; what takes so long was lost on the way.
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromSeconds(30);

    /// <summary>Answers until either side ends.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var node = context.Request.Query["node"].ToString();
        if (node.Length is 0 or > LongestNode)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "node", $"node is '{ApiAnswer.Shown(node)}', expected the name of the node, 1 to {LongestNode} characters: /v1/commands?node=NAME");
            return;
        }

        if (hub.Attach(node) is not { } feed)
        {
            context.Response.Headers.RetryAfter = "60";
            await context.RefuseAsync(StatusCodes.Status503ServiceUnavailable, "node_limit", $"{settings.MaxNodes} agents are connected, commands.max_nodes allows no more: raise it");
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await StreamAsync(context.Response, feed, LastEventId(context.Request), end.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // The agent is gone, or the collector ends: the agent comes back by itself.
        }
        finally
        {
            hub.Detach(feed);
        }
    }

    private static long LastEventId(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private async Task StreamAsync(HttpResponse response, CommandFeed feed, long lastEventId, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx would keep events until a buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
        await response.Body.WriteAsync("retry: 2000\n\n"u8.ToArray(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);

        using var beat = time.CreateTimer(static state => ((CommandFeed)state!).Wake(), feed, settings.HeartbeatInterval, settings.HeartbeatInterval);
        var told = new Dictionary<long, long>();
        var written = time.GetTimestamp();
        var begun = written;
        while (!feed.HasEnded)
        {
            var now = time.GetTimestamp();
            var waiting = queue.Of(feed.Node);
            // What the agent says it has got counts as told when the stream began.
            var due = waiting.Where(command =>
                told.TryGetValue(command.Command.Sequence, out var at) ? time.GetElapsedTime(at, now) >= TellAgainAfter
                : command.Command.Sequence > lastEventId || time.GetElapsedTime(begun, now) >= TellAgainAfter).ToArray();
            foreach (var gone in told.Keys.Except(waiting.Select(static command => command.Command.Sequence)).ToArray()) told.Remove(gone);
            foreach (var command in due)
            {
                // Before it is written: once it may have arrived it cannot be withdrawn in silence.
                if (!queue.TryTell(command)) continue;
                told[command.Command.Sequence] = now;
                await response.Body.WriteAsync(Event(command.Command), cancellationToken);
            }

            // Half of it: the timer that beats is late by more one time than the next, and a command in between must not cost a beat.
            if (due.Length > 0 || time.GetElapsedTime(written, now) >= settings.HeartbeatInterval / 2)
            {
                if (due.Length == 0) await response.Body.WriteAsync(":\n\n"u8.ToArray(), cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
                written = now;
                hub.Wrote(due.Length);
            }

            await feed.WaitAsync(cancellationToken);
        }
    }

    private static byte[] Event(AgentCommand command) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"id: {command.Sequence}\nevent: command\ndata: {JsonSerializer.Serialize(command, CommandJson.Default.AgentCommand)}\n\n"));
}
