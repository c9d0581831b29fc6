namespace Monitoring.Agent.Hosting;

/// <summary>
/// Sees from outside whether a loop goes on, by the rounds that it counts. It counts looks, not time: after a pause of the whole
/// process the loop gets as long as ever to make its next round. Used by one thread.
/// </summary>
/// <param name="rounds">Rounds of the loop so far.</param>
/// <param name="looksAtMost">Looks in a row that may find no further round.</param>
internal sealed class LoopWatch(Func<long> rounds, int looksAtMost)
{
    private long seen = -1;
    private int silent;

    /// <summary>Looks once.</summary>
    /// <returns>False while the loop stands still.</returns>
    internal bool Look()
    {
        var now = rounds();
        silent = now == seen ? silent + 1 : 0;
        seen = now;
        return silent <= looksAtMost;
    }
}
