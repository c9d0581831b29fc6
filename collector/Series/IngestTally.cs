namespace Monitoring.Collector.Series;

/// <summary>What was taken in and what was refused, since the start. Counted by writers, read by scrapes.</summary>
internal sealed class IngestTally
{
    private readonly long[] rejectedPoints = new long[Enum.GetValues<PointRejection>().Length];
    private readonly long[] rejectedPushes = new long[Enum.GetValues<PushRejection>().Length];
    private long acceptedPushes;
    private long acceptedPoints;
    private long clampedPoints;
    private long receivedBytes;

    /// <summary>Pushes accepted, those with refused points included.</summary>
    public long AcceptedPushes => Volatile.Read(ref acceptedPushes);

    /// <summary>Points accepted; a histogram is one.</summary>
    public long AcceptedPoints => Volatile.Read(ref acceptedPoints);

    /// <summary>Points whose time lay in the future.</summary>
    public long ClampedPoints => Volatile.Read(ref clampedPoints);

    /// <summary>Bytes of bodies as they came over the wire.</summary>
    public long ReceivedBytes => Volatile.Read(ref receivedBytes);

    /// <summary>Points refused for a reason.</summary>
    public long Rejected(PointRejection reason) => Volatile.Read(ref rejectedPoints[(int)reason]);

    /// <summary>Pushes refused for a reason.</summary>
    public long Rejected(PushRejection reason) => Volatile.Read(ref rejectedPushes[(int)reason]);

    /// <summary>Counts an accepted push.</summary>
    public void Accept(int points, int clamped)
    {
        Interlocked.Increment(ref acceptedPushes);
        Interlocked.Add(ref acceptedPoints, points);
        Interlocked.Add(ref clampedPoints, clamped);
    }

    /// <summary>Counts bytes that came.</summary>
    public void Receive(long bytes) => Interlocked.Add(ref receivedBytes, bytes);

    /// <summary>Counts refused points.</summary>
    public void Reject(PointRejection reason, int points) => Interlocked.Add(ref rejectedPoints[(int)reason], points);

    /// <summary>Counts a refused push.</summary>
    public void Reject(PushRejection reason) => Interlocked.Increment(ref rejectedPushes[(int)reason]);
}
