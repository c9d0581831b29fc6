using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>The GPUs of the node that one trigger compares, each with its last value. One thread alone uses it.</summary>
internal sealed class PeerGroup
{
    /// <summary>More than a node has.</summary>
    internal const int MostPeers = 128;

    internal List<PeerPredicate> Members { get; } = [];

    /// <summary>Room for the values of the others.</summary>
    internal double[] Values { get; } = new double[MostPeers];
}

/// <summary>
/// The value now against the median of the others of the same model whose value is not older than three of its intervals. False on a
/// GPU on which the condition for comparing does not hold, unknown where too few others can be compared.
/// </summary>
internal sealed class PeerPredicate : SeriesPredicate
{
    private readonly PeerTrigger trigger;
    private readonly Predicate? condition;
    private readonly PeerGroup group;
    private readonly string model;
    private long takenAt = long.MinValue;
    private long interval;
    private double median = double.NaN;
    private int others;

    internal PeerPredicate(PeerTrigger trigger, SeriesReader series, Predicate? condition, PeerGroup group, string model) : base(series, null)
    {
        (this.trigger, this.condition, this.group, this.model) = (trigger, condition, group, model);
        if (group.Members.Count < PeerGroup.MostPeers) group.Members.Add(this);
    }

    protected override Tiers MoreTiers => condition?.Tiers ?? Tiers.None;

    internal override bool IsTimed => condition?.IsTimed ?? false;

    internal override bool TakesEvents => condition?.TakesEvents ?? false;

    internal override IEnumerable<EventPredicate> EventParts => condition?.EventParts ?? [];

    internal override IEnumerable<FallenPredicate> FallenParts => condition?.FallenParts ?? [];

    internal override IEnumerable<GrowthPredicate> GrowthParts => condition?.GrowthParts ?? [];

    internal override bool IsUnsupported => base.IsUnsupported || (Value == Truth.Unknown && condition?.IsUnsupported == true);

    private bool IsCompared => !double.IsNaN(Seen) && condition?.Value is null or Truth.True;

    internal override void Take(EventRecord record, long at) => condition?.Take(record, at);

    internal override void Leave()
    {
        group.Members.Remove(this);
        condition?.Leave();
    }

    protected override void OnBound(FrameLayout layout) => condition?.Bind(layout);

    protected override Truth Look(SubjectFrame frame, bool isNew)
    {
        condition?.Update(frame);
        Seen = Series.Read(frame);
        (takenAt, interval) = (frame.Now, frame.Of(Series.Tier).Interval);
        FindMedian(frame.Now);
        if (double.IsNaN(Seen)) return Truth.Unknown;
        if (condition is not null && condition.Value != Truth.True) return condition.Value;
        if (others < trigger.Peers || double.IsNaN(median)) return Truth.Unknown;
        var bound = trigger.Ratio * median;
        return (trigger.Ratio < 1 ? Comparison.Below : Comparison.Above).Holds(Seen, bound);
    }

    private void FindMedian(long now)
    {
        var values = group.Values.AsSpan();
        others = 0;
        foreach (var peer in group.Members)
            if (!ReferenceEquals(peer, this) && peer.model == model && peer.IsCompared && now - peer.takenAt <= Cadence.IntervalsToGap * peer.interval)
                values[others++] = peer.Seen;
        median = Medians.Of(values[..others]);
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(Series.Text).Append(double.IsNaN(Seen) ? " has no value" : " is ").Append(double.IsNaN(Seen) ? "" : Words.Number(Seen));
        if (condition is not null && condition.Value != Truth.True)
        {
            text.Append(" and is not compared: ");
            condition.Explain(text);
            return;
        }
        if (others < trigger.Peers) text.Append(", ").Append(Words.Number(others)).Append(" of ").Append(Words.Number(trigger.Peers)).Append(" peers to compare with");
        else text.Append(", ").Append(Words.Number(Seen / median)).Append(" of the median ").Append(Words.Number(median)).Append(" of ").Append(Words.Number(others)).Append(" peers");
        text.Append(", needs ").Append(trigger.Ratio < 1 ? "< " : "> ").Append(Words.Number(trigger.Ratio));
    }

    internal override void AddEvidence(List<EventValue> values)
    {
        values.Add(Evidence.Of(Series.Text, Seen, trigger.Ratio * median));
        values.Add(Evidence.Of(TriggerText.Name(trigger), Seen / median, trigger.Ratio));
    }
}
