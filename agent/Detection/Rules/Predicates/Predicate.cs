using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>A trigger at work on one GPU, one instance or the node. Nothing is allocated after it was bound.</summary>
internal abstract class Predicate
{
    /// <summary>Whether it held when it was last looked at.</summary>
    internal Truth Value { get; private protected set; }

    /// <summary>Tiers that it reads.</summary>
    internal abstract Tiers Tiers { get; }

    /// <summary>True where time alone can change it: events that run out, things that stay missing.</summary>
    internal virtual bool IsTimed => false;

    /// <summary>True where events can change it.</summary>
    internal virtual bool TakesEvents => false;

    /// <summary>
    /// True where it is unknown because what it looks at never had a value: the GPU cannot tell. Another one of several then decides alone.
    /// </summary>
    internal virtual bool IsUnsupported => false;

    /// <summary>True where it reads a series of the frame now.</summary>
    internal virtual bool HasSeries => Tiers != Tiers.None;

    /// <summary>Looks its series up; what it knows of them it keeps.</summary>
    internal abstract void Bind(FrameLayout layout);

    /// <summary>Looks at the moment.</summary>
    internal abstract Truth Update(SubjectFrame frame);

    /// <summary>Takes an event of its subject.</summary>
    /// <param name="record">The event.</param>
    /// <param name="at">When it happened, in nanoseconds on the engine's clock.</param>
    internal virtual void Take(EventRecord record, long at)
    {
    }

    /// <summary>Its subject is gone, or its rule.</summary>
    internal virtual void Leave()
    {
    }

    /// <summary>What it saw, with values, for people.</summary>
    internal abstract void Explain(StringBuilder text);

    /// <summary>The values on which its being so rests.</summary>
    internal abstract void AddEvidence(List<EventValue> values);

    /// <summary>Takes over what another one of the same definition knows of events and series.</summary>
    internal void Inherit(Predicate before)
    {
        foreach (var (part, known) in EventParts.Zip(before.EventParts)) part.Inherit(known);
        foreach (var (part, known) in FallenParts.Zip(before.FallenParts)) part.Recall(known.Highest);
        foreach (var (part, known) in GrowthParts.Zip(before.GrowthParts)) part.Inherit(known);
    }

    /// <summary>Those of its parts that keep events, in their order.</summary>
    internal virtual IEnumerable<EventPredicate> EventParts => [];

    /// <summary>Those of its parts that remember how high series were.</summary>
    internal virtual IEnumerable<FallenPredicate> FallenParts => [];

    /// <summary>Those of its parts that go on from how far counters had come, in their order.</summary>
    internal virtual IEnumerable<GrowthPredicate> GrowthParts => [];
}

/// <summary>A predicate that looks at a value and a bound, whenever one of them was read.</summary>
internal abstract class SeriesPredicate(SeriesReader series, BoundReader? bound) : Predicate
{
    private Support support;
    private Tiers tiers;
    private bool isBoundRead;

    internal override Tiers Tiers => tiers;

    internal override bool IsUnsupported => Value == Truth.Unknown && support.IsMissing;

    /// <summary>The series.</summary>
    protected SeriesReader Series => series;

    /// <summary>What was last compared; NaN for no value.</summary>
    protected double Seen { get; set; } = double.NaN;

    /// <summary>What it was compared with.</summary>
    protected double Limit { get; private set; } = bound?.Constant ?? double.NaN;

    /// <summary>The bound for people.</summary>
    protected string LimitText => bound?.Explain(Limit) ?? Words.Number(Limit);

    internal override void Bind(FrameLayout layout)
    {
        series.Bind(layout);
        bound?.Bind(layout);
        isBoundRead = bound is not null && bound.Tiers != Tiers.None;
        OnBound(layout);
        tiers = series.Tiers | (bound?.Tiers ?? Tiers.None) | MoreTiers;
        if (series.Tiers == Tiers.None) (Value, Seen) = (Truth.Unknown, double.NaN);
        // A bound that has no series any more has no value.
        if (bound is not null && !isBoundRead) Limit = bound.Constant;
    }

    internal sealed override Truth Update(SubjectFrame frame)
    {
        if (!support.IsSettled) support.Look(frame.Now, (tiers & frame.Read) != 0 && !double.IsNaN(series.Read(frame)) && !double.IsNaN(bound?.Read(frame) ?? 0));
        if ((tiers & frame.Read) == 0) return Value;
        if (isBoundRead) Limit = bound!.Read(frame);
        return Value = Look(frame, (series.Tiers & frame.Read) != 0);
    }

    /// <summary>Tiers that it reads beside the series and the bound.</summary>
    protected virtual Tiers MoreTiers => Tiers.None;

    /// <summary>Called when the layout changed, before the first look at it.</summary>
    protected virtual void OnBound(FrameLayout layout)
    {
    }

    /// <summary>Looks at the series.</summary>
    /// <param name="frame">The moment.</param>
    /// <param name="isNew">True where the series was read, false where only the bound was.</param>
    protected abstract Truth Look(SubjectFrame frame, bool isNew);
}
