using Monitoring.Agent.Detection;

namespace Monitoring.Agent.Hosting;

/// <summary>
/// Starts and stops detection, after the journal and before the lanes: the loop, then the sources, each from where it had come to. It
/// stops the other way round, with a last round for what the sources saw last.
/// </summary>
internal sealed partial class DetectionService(
    DetectionLoop loop, IReadOnlyList<IEventSource> sources, SightingQueue queue, NodeIdentity identity, TimeProvider time, ILogger<DetectionService> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        queue.Put(AgentEvents.Started(identity, time.GetUtcNow()));
        loop.Start();
        foreach (var source in sources)
        {
            source.Start(queue, loop.Cursor(source.Name));
            LogStarted(source.Name);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Parallel.ForEach(sources, static source => source.Stop());
        queue.Close();
        loop.Stop();
        return Task.CompletedTask;
    }

    [LoggerMessage(EventId = 1403, Level = LogLevel.Debug, Message = "The event source {Source} was started.")]
    private partial void LogStarted(string source);
}
