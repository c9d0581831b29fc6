namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// What is free where the sessions of jobs write, asked anew while they are recorded without anyone waiting for the answers. Each is asked,
/// since the sessions of pods write to disks of their own.
/// </summary>
/// <param name="sessions">Asks one session; null where it cannot tell.</param>
internal sealed class NsysSessionSpace(IReadOnlyList<Func<CancellationToken, Task<long?>>> sessions)
{
    private readonly Task<long?>[] asked = [.. sessions.Select(static _ => Task.FromResult<long?>(null))];

    /// <summary>The least of the answers that came since the last call; null where none did. One that is slow hides no other.</summary>
    internal long? Latest()
    {
        long? least = null;
        for (var place = 0; place < asked.Length; place++)
        {
            if (!asked[place].IsCompleted) continue;
            if (asked[place].Result is { } answer && !(answer >= least)) least = answer;
            asked[place] = sessions[place](CancellationToken.None);
        }
        return least;
    }
}
