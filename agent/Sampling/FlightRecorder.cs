namespace Monitoring.Agent.Sampling;

/// <summary>
/// The last minutes of the series of one tier at full rate. The lane writes; a reader copies without stopping it and keeps only what was
/// not overwritten meanwhile. Values are kept in single precision, seven digits: half the memory, and finer than any sensor. What is
/// larger, as totals of months and bytes are, is kept as its distance from the value at the begin of its block.
/// </summary>
/// <param name="series">Number of series.</param>
/// <param name="capacity">Instants to keep.</param>
internal sealed class FlightRecorder(int series, int capacity)
{
    /// <summary>From here on single precision is no longer finer than a thousandth.</summary>
    internal const double Large = 4096;

    private const int BlocksPerRound = 16;
    private const int DecimalsOfLarge = 3;

    private readonly int block = Math.Max(1, capacity / BlocksPerRound);
    private readonly long[] times = new long[capacity];
    private readonly float[] values = new float[capacity * series];

    // A block that is begun while instants of the round before still count has a place of its own.
    private readonly double[] bases = new double[(capacity / Math.Max(1, capacity / BlocksPerRound) + 2) * series];
    private long written;

    /// <summary>Instants taken since the start.</summary>
    internal long Written => Volatile.Read(ref written);

    /// <summary>Takes one instant.</summary>
    /// <param name="unixMicroseconds">Time of the instant.</param>
    /// <param name="instant">A value per series; NaN for none.</param>
    internal void Add(long unixMicroseconds, ReadOnlySpan<double> instant)
    {
        // A reader on another core must see that this place is being taken before it sees a byte of the new instant.
        Interlocked.MemoryBarrier();
        var place = (int)(written % capacity);
        times[place] = unixMicroseconds;
        var from = BasesOf(written);
        if (written % block == 0) from.Fill(double.NaN);
        var kept = values.AsSpan(place * series, series);
        for (var i = 0; i < kept.Length; i++)
        {
            // The first value of a block, which need not be in its first instant.
            if (double.IsNaN(from[i]) && !double.IsNaN(instant[i])) from[i] = Math.Abs(instant[i]) >= Large ? instant[i] : 0;
            kept[i] = (float)(instant[i] - from[i]);
        }
        Volatile.Write(ref written, written + 1);
    }

    /// <summary>Copies the instants between two times, oldest first.</summary>
    /// <param name="fromMicroseconds">First time, inclusive.</param>
    /// <param name="toMicroseconds">Last time, inclusive.</param>
    /// <returns>Time and values of each instant.</returns>
    internal IReadOnlyList<(long UnixMicroseconds, double[] Values)> Copy(long fromMicroseconds, long toMicroseconds)
    {
        List<(long, double[])> copied = [];
        var end = Written;
        for (var n = Math.Max(0, end - capacity); n < end; n++)
        {
            var place = (int)(n % capacity);
            var time = times[place];
            if (time < fromMicroseconds || time > toMicroseconds) continue;
            var instant = new double[series];
            var kept = values.AsSpan(place * series, series);
            var from = BasesOf(n);
            for (var i = 0; i < instant.Length; i++) instant[i] = from[i] == 0 ? kept[i] : Math.Round(from[i] + kept[i], DecimalsOfLarge);
            Interlocked.MemoryBarrier();
            // The lane may have come round: an instant is whole only if its place was not reached again, nor is being written now.
            if (Written - n < capacity) copied.Add((time, instant));
        }
        return copied;
    }

    private Span<double> BasesOf(long instant) => bases.AsSpan((int)(instant / block % (bases.Length / Math.Max(1, series))) * series, series);
}
