namespace Monitoring.Agent.Sampling;

/// <summary>
/// The last minutes of the series of one tier at full rate. The lane writes; a reader copies without stopping it and keeps only what was
/// not overwritten meanwhile. Values are kept in single precision, seven digits: half the memory, and finer than any sensor.
/// </summary>
/// <param name="series">Number of series.</param>
/// <param name="capacity">Instants to keep.</param>
internal sealed class FlightRecorder(int series, int capacity)
{
    private readonly long[] times = new long[capacity];
    private readonly float[] values = new float[capacity * series];
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
        var kept = values.AsSpan(place * series, series);
        for (var i = 0; i < kept.Length; i++) kept[i] = (float)instant[i];
        Volatile.Write(ref written, written + 1);
    }

    /// <summary>Copies the instants between two times, oldest first.</summary>
    /// <param name="fromMicroseconds">First time, inclusive.</param>
    /// <param name="toMicroseconds">Last time, inclusive.</param>
    /// <returns>Time and values of each instant.</returns>
    internal IReadOnlyList<(long UnixMicroseconds, float[] Values)> Copy(long fromMicroseconds, long toMicroseconds)
    {
        List<(long, float[])> copied = [];
        var end = Written;
        for (var n = Math.Max(0, end - capacity); n < end; n++)
        {
            var place = (int)(n % capacity);
            var time = times[place];
            if (time < fromMicroseconds || time > toMicroseconds) continue;
            var instant = values.AsSpan(place * series, series).ToArray();
            Interlocked.MemoryBarrier();
            // The lane may have come round: an instant is whole only if its place was not reached again, nor is being written now.
            if (Written - n < capacity) copied.Add((time, instant));
        }
        return copied;
    }
}
