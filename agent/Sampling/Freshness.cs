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

    /// <summary>True while the fast tier is fresh and holds a value: of a GPU that answers every call with an error it holds none.</summary>
    internal bool HasData(SeriesSet set)
    {
        for (var i = 0; i < set.FastCount; i++)
            if (!double.IsNaN(set.Value(i))) return IsFresh(set, Tier.Fast);
        return false;
    }

    /// <summary>How old a tier's values may be.</summary>
    internal TimeSpan Limit(Tier tier) => settings.Interval(tier) * Intervals is var limit && limit > settings.CallDeadline ? limit : settings.CallDeadline;
}
