namespace Monitoring.Agent.Capture.Summaries;

/// <summary>How often and how long, in nanoseconds.</summary>
internal sealed class DurationTally
{
    internal long Count { get; private set; }

    internal long Total { get; private set; }

    internal long Min { get; private set; }

    internal long Max { get; private set; }

    internal void Add(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        Min = Count == 0 ? nanoseconds : Math.Min(Min, nanoseconds);
        Max = Math.Max(Max, nanoseconds);
        // A sum that no clock can reach stands for one that is past it.
        Total = Total > long.MaxValue - nanoseconds ? long.MaxValue : Total + nanoseconds;
        Count++;
    }

    internal void Add(DurationTally other)
    {
        if (other.Count == 0) return;
        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        Total = Total > long.MaxValue - other.Total ? long.MaxValue : Total + other.Total;
        Count += other.Count;
    }
}
