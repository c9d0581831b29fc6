namespace Monitoring.Agent.Hosting;

/// <summary>
/// Gives back, once, the memory that starting took: settings, rules and tables are read with megabytes of garbage, and what a running agent
/// allocates is so little that the runtime would look at it hours later.
/// </summary>
internal sealed class StartupGarbage(TimeProvider time)
{
    /// <summary>By then every tier was read and the page was scraped. The pause, some tens of milliseconds, is shorter than a fast interval.</summary>
    internal static readonly TimeSpan After = TimeSpan.FromSeconds(30);

    private readonly long started = time.GetTimestamp();
    private bool isGivenBack;

    /// <summary>Gives it back where it is time; to be called now and then by one thread.</summary>
    internal void Look()
    {
        if (isGivenBack || time.GetElapsedTime(started) < After) return;
        isGivenBack = true;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
