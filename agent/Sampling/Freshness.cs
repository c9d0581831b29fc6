namespace Monitoring.Agent.Sampling;

/// <summary>
/// Says whether a tier's values may still be shown: for three of its intervals, but never less than a driver call may last, since one
/// slow call is no reason for a hole in every graph.
/// </summary>
internal sealed class Freshness(SamplingSettings settings, TimeProvider time)
{
    private const int Intervals = 3;

    /// <summary>True while what a set read of a tier is fresh.</summary>
    internal bool IsFresh(SeriesSet set, Tier tier) => set.ReadAt(tier) is var at && at != SeriesSet.Never && time.GetElapsedTime(at) <= Limit(tier);

    /// <summary>How old a tier's values may be.</summary>
    internal TimeSpan Limit(Tier tier) => settings.Interval(tier) * Intervals is var limit && limit > settings.CallDeadline ? limit : settings.CallDeadline;
}
