using Monitoring.Simulator.Control;

namespace Monitoring.Simulator;

/// <summary>Keeps a node alive in real time: moves the model on and listens for injected incidents.</summary>
public static class NodeRunner
{
    /// <summary>After a pause of the machine the model catches up with this much at most, so that it is soon on time again.</summary>
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMinutes(1);

    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="node">The node.</param>
    /// <param name="tick">Time between two updates of the state.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(SimulatedNode node, TimeSpan tick, TimeProvider time, CancellationToken cancellation)
    {
        using var server = new ControlServer(node, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var serving = server.RunAsync(stop.Token);
        try
        {
            using var timer = new PeriodicTimer(tick, time);
            var last = time.GetTimestamp();
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                var now = time.GetTimestamp();
                var elapsed = time.GetElapsedTime(last, now);
                last = now;
                node.Advance(elapsed < LongestCatchUp ? elapsed : LongestCatchUp);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The wish to end.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await serving.ConfigureAwait(false);
        }
    }
}
