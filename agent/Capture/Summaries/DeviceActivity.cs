using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>What ran on one GPU, gathered event by event.</summary>
internal sealed class DeviceActivity(int device)
{
    private readonly IntervalUnion all = new();
    private long process = -1; // none yet
    private IntervalUnion? work; // all but NCCL's, from the first kernel of NCCL on
    private readonly DurationTally kernels = new();
    private readonly DurationTally copies = new();

    internal int Device { get; } = device;

    /// <summary>Index on the node; null where it is not known.</summary>
    internal int? Gpu { get; set; }

    /// <summary>True where several processes worked on it, or on what each of them calls by its number.</summary>
    internal bool IsOfSeveral { get; private set; }

    internal string Name { get; set; } = "";

    internal string Uuid { get; set; } = "";

    internal string PciBusId { get; set; } = "";

    /// <summary>Notes whose work the next is.</summary>
    internal void UsedBy(long pid)
    {
        if (process < 0) process = pid;
        else if (pid != process) IsOfSeveral = true;
    }

    internal void AddKernel(long start, long end, bool isNccl)
    {
        if (isNccl) work ??= all.Clone();
        else work?.Add(start, end);
        all.Add(start, end);
        kernels.Add(end - start);
    }

    internal void AddCopy(long start, long end)
    {
        work?.Add(start, end);
        all.Add(start, end);
        copies.Add(end - start);
    }

    /// <summary>Time within a window in which it ran kernels of NCCL and nothing else.</summary>
    internal long ExposedNccl(long from, long to) => work is null ? 0 : Math.Max(0, all.Covered(from, to) - work.Covered(from, to));

    /// <summary>How busy it was in a window of the profiler's clock.</summary>
    /// <param name="zero">What the profiler's clock counts from, nanoseconds since 1970; null where that is not known.</param>
    internal GpuActivity ToSummary(long from, long to, long? zero)
    {
        var busy = all.Covered(from, to);
        var gaps = GapsOf(from, to, zero, out var before, out var after);
        return new GpuActivity(
            Device, Name, to > from ? (double)busy / (to - from) : null, Nanoseconds.ToSeconds(busy), Nanoseconds.ToSeconds(kernels.Total), Nanoseconds.ToSeconds(copies.Total), kernels.Count,
            Nanoseconds.ToSeconds(before), Nanoseconds.ToSeconds(after), gaps)
        { Gpu = Gpu, Uuid = Uuid, PciBusId = PciBusId };
    }

    private GpuGaps GapsOf(long from, long to, long? zero, out long before, out long after)
    {
        var lengths = new GapLengths();
        lengths.Add(all.Closed);
        long end = long.MinValue, longest = 0, longestAt = 0;
        before = to - from;
        after = 0;
        foreach (var interval in all.Intervals())
        {
            // Outside the window nothing is known to be whole.
            if (interval.End <= from || interval.Start >= to) continue;
            if (end == long.MinValue)
            {
                before = Math.Max(0, interval.Start - from);
            }
            else
            {
                var gap = interval.Start - end;
                lengths.Add(gap);
                if (gap > longest) (longest, longestAt) = (gap, end);
            }
            end = interval.End;
        }
        if (end != long.MinValue) after = Math.Max(0, to - end);
        return new GpuGaps(
            lengths.Count, Nanoseconds.ToSeconds(lengths.Total), Nanoseconds.ToSeconds(longest), longest > 0 ? Nanoseconds.ToSeconds(longestAt - from) : null,
            longest > 0 && zero is { } begin ? Nanoseconds.ToTime(begin + longestAt) : null, lengths.ToSummary(), Nanoseconds.ToSeconds(all.Resolution));
    }
}
