namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// Removes traces that are written after nobody waits for them any more: what was handed out cannot be taken back, and a large trace may take
/// a process longer than <c>capture.kineto.write_timeout</c>. It is looked for a few times and then no more; an agent that ends looks no more.
/// </summary>
internal sealed partial class KinetoLateTraces(string procfs, TimeProvider time, ILogger logger)
{
    /// <summary>From one look to the next. Each goes through the processes of the node.</summary>
    internal static readonly IReadOnlyList<TimeSpan> Waits = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(15)];

    /// <summary>Looks for late traces of a capture.</summary>
    internal async Task RemoveAsync(string captureId)
    {
        foreach (var wait in Waits)
        {
            await Task.Delay(wait, time, CancellationToken.None).ConfigureAwait(false);
            try
            {
                // Behind it are file systems of jobs, which may hang; then the thread is left to them.
                var removed = await Task.Run(() => KinetoLeftovers.Remove(procfs, captureId, CancellationToken.None)).ConfigureAwait(false);
                if (removed > 0) Removed(removed, captureId);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // It is looked again.
            }
        }
    }

    [LoggerMessage(EventId = 2189, Level = LogLevel.Information, Message = "{Count} traces of capture {Capture} came too late and were removed from the file systems of jobs")]
    private partial void Removed(int count, string capture);
}
