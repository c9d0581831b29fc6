namespace Monitoring.Collector.Ingest;

/// <summary>
/// Memory for the bodies of all pushes that are being received or wait for their turn: as much as the pushes that may be worked on
/// at once can take at their largest. Without it every connection could hold one body at the limit.
/// </summary>
internal sealed class BodyBudget(IngestSettings settings)
{
    private readonly long limitBytes = (long)settings.MaxConcurrentPushes * settings.MaxCompressedBytes;
    private long heldBytes;

    /// <summary>What bodies hold now.</summary>
    internal long HeldBytes => Volatile.Read(ref heldBytes);

    /// <summary>Takes memory; false where there is not enough, though it is counted then too and must be given back.</summary>
    public bool Take(int bytes) => Interlocked.Add(ref heldBytes, bytes) <= limitBytes;

    /// <summary>Gives back all that one body took.</summary>
    public void GiveBack(int bytes) => Interlocked.Add(ref heldBytes, -bytes);
}
