namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>Memory that rendered labels may hold between scrapes. Beyond it labels are rendered anew for every page: slower, never wrong.</summary>
internal sealed class LabelCacheBudget(long limitBytes = LabelCacheBudget.DefaultLimitBytes)
{
    // About 150,000 series with six labels.
    private const long DefaultLimitBytes = 32 * 1024 * 1024;

    internal long UsedBytes { get; private set; }

    internal bool TryTake(int bytes)
    {
        if (UsedBytes + bytes > limitBytes)
            return false;
        UsedBytes += bytes;
        return true;
    }

    internal void GiveBack(int bytes) => UsedBytes -= bytes;
}
