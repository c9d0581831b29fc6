namespace Monitoring.Tests;

/// <summary>Measures what code allocates on the thread that runs it.</summary>
internal static class Allocations
{
    /// <summary>Bytes that one run of <paramref name="action"/> allocates: the median of several runs, since the runtime itself may allocate once while it exchanges code for faster code.</summary>
    /// <param name="action">What is measured; warmed up by the caller.</param>
    /// <param name="runs">How often it runs.</param>
    internal static long Of(Action action, int runs = 5)
    {
        var allocated = new long[runs];
        for (var run = 0; run < runs; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            allocated[run] = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Array.Sort(allocated);
        return allocated[runs / 2];
    }
}
