using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// The processes that a GPU had of late, since the kernel tells of a process's end after it is gone. Bounded; the one that was seen
/// longest ago makes room. The lane writes, anyone may ask; nothing is allocated.
/// </summary>
internal sealed class ProcessTrail(TimeProvider time)
{
    /// <summary>How long a process that is gone is remembered.</summary>
    internal static readonly TimeSpan Lasts = TimeSpan.FromMinutes(1);

    /// <summary>The most that are remembered.</summary>
    internal const int Most = 256;

    private readonly uint[] pids = new uint[Most];
    private readonly long[] seen = new long[Most];

    /// <summary>Takes note of the processes that are there.</summary>
    internal void Add(IReadOnlyList<GpuProcess> running)
    {
        var now = time.GetTimestamp();
        for (var i = 0; i < running.Count; i++)
        {
            var place = Array.IndexOf(pids, running[i].Pid);
            if (place < 0) place = OldestPlace();
            Volatile.Write(ref seen[place], now);
            Volatile.Write(ref pids[place], running[i].Pid);
        }
    }

    /// <summary>True where the process uses the GPU or did a moment ago.</summary>
    internal bool Has(long pid)
    {
        for (var place = 0; place < Most; place++)
            if (pid != 0 && Volatile.Read(ref pids[place]) == pid) return time.GetElapsedTime(Volatile.Read(ref seen[place])) <= Lasts;
        return false;
    }

    /// <summary>The processes that were there within a time.</summary>
    internal IReadOnlyList<long> Seen(TimeSpan within)
    {
        Span<long> found = stackalloc long[Most];
        return found[..CopySeen(within, found)].ToArray();
    }

    /// <summary>Copies the processes that were there within a time.</summary>
    /// <param name="found">Gets them; has room for <see cref="Most"/>.</param>
    /// <returns>How many there are.</returns>
    internal int CopySeen(TimeSpan within, Span<long> found)
    {
        var count = 0;
        for (var place = 0; place < Most; place++)
            if (Volatile.Read(ref pids[place]) is var pid and > 0 && time.GetElapsedTime(Volatile.Read(ref seen[place])) <= within) found[count++] = pid;
        return count;
    }

    private int OldestPlace()
    {
        var oldest = 0;
        for (var place = 1; place < Most; place++)
            if (seen[place] < seen[oldest]) oldest = place;
        return oldest;
    }
}
