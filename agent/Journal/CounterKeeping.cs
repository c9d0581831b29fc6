using Monitoring.Agent.Detection;
using Monitoring.Agent.Sampling;
using Monitoring.Segments;

namespace Monitoring.Agent.Journal;

/// <summary>Keeps the ledger of counts in a file: every ten seconds, at once where waiting would lose something, and at the end.</summary>
/// <param name="stateDirectory">The directory for what must outlive a restart; empty keeps nothing.</param>
internal sealed partial class CounterKeeping(CounterLedger ledger, string stateDirectory, NodeIdentity identity, TimeProvider time, ILogger<CounterKeeping> logger) : BackgroundService
{
    private const string FileName = "counters.json";
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(10);

    private readonly string path = Path.Combine(stateDirectory, FileName);
    private bool failing;

    /// <summary>Takes up what was saved; before the first lane begins.</summary>
    internal void Load()
    {
        if (stateDirectory.Length == 0) return;
        try
        {
            if (File.Exists(path)) ledger.Restore(File.ReadAllBytes(path), identity.BootId);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogNotLoaded(path, fault.Message);
        }
    }

    /// <summary>Saves the ledger.</summary>
    /// <param name="untilNext">Time until it is saved again; zero for the last time.</param>
    internal void Save(TimeSpan untilNext)
    {
        if (stateDirectory.Length == 0) return;
        try
        {
            PrivateDirectory.Create(stateDirectory);
            DurableFile.Replace(path, ledger.Save(identity.BootId, untilNext));
            failing = false;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever it is: a background service that throws ends the whole agent.
            if (!failing) LogNotSaved(path, fault.Message);
            failing = true;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        var savedAt = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (time.GetElapsedTime(savedAt) < SaveInterval && !ledger.IsUrgent) continue;
                savedAt = time.GetTimestamp();
                // A second beyond the interval and one for the look itself: what can be added up before the next saving is safe.
                Save(SaveInterval + 2 * LookInterval);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        Save(TimeSpan.Zero);
    }

    [LoggerMessage(EventId = 2020, Level = LogLevel.Error, Message = "The counters in {Path} cannot be read and begin anew: {Reason}")]
    private partial void LogNotLoaded(string path, string reason);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Error, Message = "The counters cannot be saved in {Path}: {Reason} They are lost when the agent ends; said once until it works again.")]
    private partial void LogNotSaved(string path, string reason);
}
