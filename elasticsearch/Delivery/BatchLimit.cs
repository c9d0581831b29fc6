namespace Monitoring.Elasticsearch.Delivery;

/// <summary>
/// Bytes that a request may have: halved when the server is busy or finds one too large, and then raised by a little with each full
/// request that was taken, as networks do it.
/// </summary>
internal sealed class BatchLimit
{
    /// <summary>Less costs more in requests than it spares the server; a document alone may be longer.</summary>
    private const long Least = 4 << 10;

    /// <summary>Full requests from the least to the most.</summary>
    private const int Steps = 32;

    /// <summary>A request of this part of the limit counts as full.</summary>
    private const double FullRatio = 0.75;

    /// <summary>How long a size that was refused is not tried again: limits of servers and proxies change by hand.</summary>
    private static readonly TimeSpan CeilingTime = TimeSpan.FromMinutes(10);

    private readonly long most;
    private long ceiling = long.MaxValue;
    private TimeSpan ceilingUntil;

    /// <param name="most">The configured limit.</param>
    internal BatchLimit(long most) => this.most = Bytes = most;

    /// <summary>The limit now.</summary>
    internal long Bytes { get; private set; }

    /// <summary>The server was busy, or too slow, with so many bytes.</summary>
    internal void Shrink(long bytes) => Bytes = Math.Max(Math.Min(Least, most), Math.Min(Bytes, bytes) / 2);

    /// <summary>So many bytes are too many for the server or something before it.</summary>
    internal void Refuse(long bytes, TimeSpan now)
    {
        ceiling = now < ceilingUntil ? Math.Min(ceiling, bytes) : bytes;
        ceilingUntil = now + CeilingTime;
        Shrink(bytes);
    }

    /// <summary>So many bytes were taken.</summary>
    internal void Grow(long bytes, TimeSpan now)
    {
        if (bytes < Bytes * FullRatio) return;
        var raised = Math.Min(most, Bytes + Math.Max(1, most / Steps));
        if (now < ceilingUntil && raised >= ceiling) raised = Math.Max(Bytes, ceiling - 1);
        Bytes = raised;
    }
}
