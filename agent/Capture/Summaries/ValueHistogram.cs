using System.Numerics;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>
/// Mean, extremes and quantiles of values that are not kept: 64 steps an octave, so that a quantile is right to 1 %. Values below 128, such as
/// percents, are exact where they are whole.
/// </summary>
internal sealed class ValueHistogram
{
    private const int Linear = 128; // up to here a step a value
    private const int StepsPerOctave = 64;
    private const int Octaves = 56; // 2^7 to 2^63

    /// <summary>No metric reaches it, and no sum of such values stops being a number.</summary>
    private const double ValueAtMost = 1e18;

    private readonly long[] counts = new long[Linear + (Octaves * StepsPerOctave)];
    private double sum;

    internal long Count { get; private set; }

    internal double Min { get; private set; } = double.PositiveInfinity;

    internal double Max { get; private set; } = double.NegativeInfinity;

    internal double Mean => Count == 0 ? 0 : sum / Count;

    internal void Add(double value)
    {
        if (!(Math.Abs(value) <= ValueAtMost)) return; // no number too
        Count++;
        sum += value;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        counts[StepOf(value)]++;
    }

    /// <summary>The value that a part of all values does not exceed.</summary>
    internal double Quantile(double part)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(part * Count));
        long seen = 0;
        for (var step = 0; step < counts.Length; step++)
        {
            seen += counts[step];
            if (seen >= rank) return Math.Clamp(MiddleOf(step), Min, Max);
        }
        return Max;
    }

    private static int StepOf(double value)
    {
        if (value < Linear) return (int)Math.Max(0, value);
        var whole = (ulong)value;
        var octave = BitOperations.Log2(whole);
        var within = (int)(whole >> (octave - 6)) & (StepsPerOctave - 1);
        return Linear + ((octave - 7) * StepsPerOctave) + within;
    }

    private static double MiddleOf(int step)
    {
        if (step < Linear) return step;
        var octave = 7 + ((step - Linear) / StepsPerOctave);
        var within = (step - Linear) % StepsPerOctave;
        var width = Math.ScaleB(1, octave - 6);
        return ((StepsPerOctave + within) * width) + ((width - 1) / 2);
    }
}
