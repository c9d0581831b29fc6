namespace Monitoring.Agent.Sampling;

/// <summary>
/// Highest and lowest value of each fast series over the last 30 seconds, kept as one-second buckets in a ring, so that it costs the
/// lane two comparisons a value. The lane writes, anyone reads: a reader may see the newest sample or not yet, never a wrong number.
/// </summary>
internal sealed class WindowExtremes(int series)
{
    /// <summary>Length of the window.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    // The window and the bucket being filled.
    private const int Buckets = 31;
    private readonly double[] highest = Filled(series, double.NaN);
    private readonly double[] lowest = Filled(series, double.NaN);
    private long current = long.MinValue;

    /// <summary>Takes one instant.</summary>
    /// <param name="values">A value per series; NaN for none.</param>
    /// <param name="sinceStart">Time of the instant on any clock that never runs back.</param>
    internal void Add(ReadOnlySpan<double> values, TimeSpan sinceStart)
    {
        var second = (long)sinceStart.TotalSeconds;
        if (current == long.MinValue) current = second - 1;
        // Buckets that nobody filled (a stuck lane) must not show what was there a window ago.
        for (var empty = Math.Max(current + 1, second - Buckets + 1); empty <= second; empty++)
        {
            highest.AsSpan(Place(empty), series).Fill(double.NaN);
            lowest.AsSpan(Place(empty), series).Fill(double.NaN);
        }
        current = second;

        var place = Place(second);
        for (var i = 0; i < series; i++)
        {
            var value = values[i];
            if (double.IsNaN(value)) continue;
            // "not less or equal" is also true against the NaN of an empty bucket.
            if (!(value <= highest[place + i])) highest[place + i] = value;
            if (!(value >= lowest[place + i])) lowest[place + i] = value;
        }
    }

    /// <summary>Highest value of a series in the window; NaN for none.</summary>
    internal double Highest(int index)
    {
        var result = double.NaN;
        for (var bucket = 0; bucket < Buckets; bucket++)
            if (Volatile.Read(ref highest[bucket * series + index]) is var value && !(value <= result) && !double.IsNaN(value)) result = value;
        return result;
    }

    /// <summary>Lowest value of a series in the window; NaN for none.</summary>
    internal double Lowest(int index)
    {
        var result = double.NaN;
        for (var bucket = 0; bucket < Buckets; bucket++)
            if (Volatile.Read(ref lowest[bucket * series + index]) is var value && !(value >= result) && !double.IsNaN(value)) result = value;
        return result;
    }

    private int Place(long second) => (int)(second % Buckets) * series;

    private static double[] Filled(int series, double value)
    {
        var array = new double[Buckets * series];
        Array.Fill(array, value);
        return array;
    }
}
