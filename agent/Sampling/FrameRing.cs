namespace Monitoring.Agent.Sampling;

/// <summary>
/// The last frames of a set of series in full precision, for detection to take each of them once. The lane writes and never waits; a
/// reader that fell behind by more than the capacity misses frames, which it sees in their numbers.
/// </summary>
/// <param name="series">Values in a frame.</param>
/// <param name="capacity">Frames to keep.</param>
internal sealed class FrameRing(int series, int capacity = FrameRing.DefaultCapacity)
{
    /// <summary>Frames that are kept: over three seconds at the default rate.</summary>
    internal const int DefaultCapacity = 32;

    private readonly FrameStamp[] stamps = new FrameStamp[capacity];
    private readonly double[] values = new double[capacity * series];
    private long written;

    /// <summary>Frames taken since the start.</summary>
    internal long Written => Volatile.Read(ref written);

    /// <summary>Values in a frame.</summary>
    internal int Series => series;

    /// <summary>Takes one frame; the lane alone calls it.</summary>
    internal void Add(long unixMicroseconds, long timestamp, Tiers read, ReadOnlySpan<double> frame)
    {
        // A reader on another core must see that this place is being taken before it sees a byte of the new frame.
        Interlocked.MemoryBarrier();
        var place = (int)(written % capacity);
        stamps[place] = new FrameStamp(written, unixMicroseconds, timestamp, read);
        frame.CopyTo(values.AsSpan(place * series, series));
        Volatile.Write(ref written, written + 1);
    }

    /// <summary>Copies the frame <paramref name="next"/>, or the oldest that is still whole, and moves on; false when there is none yet.</summary>
    /// <param name="next">Number of the frame to read; becomes the one after it.</param>
    /// <param name="frame">Room for <see cref="Series"/> values.</param>
    /// <param name="stamp">When it was taken; its number tells how many were missed.</param>
    internal bool TryRead(ref long next, Span<double> frame, out FrameStamp stamp)
    {
        while (next < Written)
        {
            // The place of the frame that is being written is the oldest one's.
            next = Math.Max(next, Written - capacity + 1);
            var place = (int)(next % capacity);
            stamp = stamps[place];
            values.AsSpan(place * series, series).CopyTo(frame);
            Interlocked.MemoryBarrier();
            // The lane may have come round: the copy is whole only if the place was not reached again, nor is being written now.
            var isWhole = Written - next < capacity;
            next++;
            if (isWhole) return true;
        }
        stamp = default;
        return false;
    }
}
