namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Cuts time into buckets, counted from the first moment that it is told of, so that a replay cuts alike.</summary>
/// <param name="length">Of a bucket, in nanoseconds.</param>
internal struct BucketClock(long length)
{
    private long origin = long.MinValue;
    private long end = long.MinValue;

    /// <summary>Number of the bucket that is open.</summary>
    internal long Open { get; private set; }

    /// <summary>Moves to the bucket of a moment.</summary>
    /// <returns>How many buckets were opened; 0 for none.</returns>
    internal long Advance(long now)
    {
        if (now < end) return 0;
        if (origin == long.MinValue) origin = now;
        var bucket = Math.Max(Open, (now - origin) / length);
        var opened = bucket - Open;
        Open = bucket;
        end = origin + (bucket + 1) * length;
        return opened;
    }

    /// <summary>Number of the bucket of a moment that is not after the open one; below 0 before the first.</summary>
    internal readonly long BucketOf(long moment) => moment < origin ? -1 : Math.Min(Open, (moment - origin) / length);

    /// <summary>When a bucket begins.</summary>
    internal readonly long Start(long bucket) => origin + bucket * length;
}
