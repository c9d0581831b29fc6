using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Hosting;

/// <summary>Looks every few seconds which jobs use the GPUs, on a thread of its own: procfs makes a reader wait while a process is stuck.</summary>
internal sealed partial class GpuJobsService(GpuJobs jobs, TimeProvider time, ILogger<GpuJobsService> logger) : BackgroundService
{
    // A job is there for minutes at least; what it takes is a few small files of each process.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>The processes of every GPU that is read, as they were seen lately.</summary>
    internal static IReadOnlyList<GpuUsers> Users(NodeSampler node, TimeSpan within) =>
    [
        .. from lane in node.Lanes
           let gpu = lane.Identity
           let sampler = lane.Sampler
           where gpu is not null && sampler is not null
           select new GpuUsers(gpu.Index, gpu.Uuid, sampler.Trail.Seen(within)),
    ];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(() => Run(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stop)
    {
        using var next = new ManualResetEventSlim();
        using var timer = time.CreateTimer(_ => next.Set(), null, TimeSpan.Zero, Interval);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                next.Wait(stop);
                next.Reset();
                try
                {
                    jobs.Look();
                }
                catch (Exception fault)
                {
                    LogFault(fault);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The agent ends.
        }
    }

    [LoggerMessage(EventId = 1410, Level = LogLevel.Error, Message = "Looking for the jobs of the GPUs ended in a fault of the agent; the next look is in seconds.")]
    private partial void LogFault(Exception fault);
}
