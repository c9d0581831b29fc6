using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>What a value is compared with, now.</summary>
internal sealed class BoundReader(Bound bound, IReadOnlyList<KeyValuePair<string, string>> pinned)
{
    private readonly SeriesReader? series = bound.Series is null ? null : new SeriesReader(bound.Series, pinned);

    /// <summary>The number; NaN where it is another series.</summary>
    internal double Constant => series is null ? bound.Number : double.NaN;

    /// <summary>Tiers that it reads.</summary>
    internal Tiers Tiers => series?.Tiers ?? Tiers.None;

    internal void Bind(FrameLayout layout) => series?.Bind(layout);

    /// <summary>The number, or the other series times the factor plus the offset; NaN where that has no value.</summary>
    internal double Read(SubjectFrame frame) => series is null ? bound.Number : series.Read(frame) * bound.Factor + bound.Offset;

    /// <summary>The bound for people, with what it is now.</summary>
    internal string Explain(double now) => series is null
        ? Words.Number(bound.Number)
        : $"{Words.Number(now)} ({TriggerText.Of(bound)})";
}
