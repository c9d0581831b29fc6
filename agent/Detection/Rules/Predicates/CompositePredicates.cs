using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>A predicate made of others. Each of them looks at every moment, whatever the rest says, since windows need their values.</summary>
internal abstract class CompositePredicate(Predicate[] parts) : Predicate
{
    private Tiers tiers;

    internal override Tiers Tiers => tiers;

    internal override bool IsTimed { get; } = Array.Exists(parts, static part => part.IsTimed);

    internal override bool TakesEvents { get; } = Array.Exists(parts, static part => part.TakesEvents);

    internal override IEnumerable<EventPredicate> EventParts => parts.SelectMany(static part => part.EventParts);

    internal override IEnumerable<FallenPredicate> FallenParts => parts.SelectMany(static part => part.FallenParts);

    internal override IEnumerable<GrowthPredicate> GrowthParts => parts.SelectMany(static part => part.GrowthParts);

    /// <summary>What it is made of.</summary>
    protected Predicate[] Parts => parts;

    internal override void Bind(FrameLayout layout)
    {
        tiers = Tiers.None;
        foreach (var part in parts)
        {
            part.Bind(layout);
            tiers |= part.Tiers;
        }
    }

    internal override void Take(EventRecord record, long at)
    {
        foreach (var part in parts) part.Take(record, at);
    }

    internal override void Leave()
    {
        foreach (var part in parts) part.Leave();
    }

    internal override void AddEvidence(List<EventValue> values)
    {
        foreach (var part in parts)
            if (part.Value == Value) part.AddEvidence(values);
    }

    /// <summary>Says what the parts saw, all of them or those alone that hold.</summary>
    protected void Explain(StringBuilder text, string between, bool onlyTrue = false)
    {
        Predicate[] told = onlyTrue ? [.. parts.Where(static part => part.Value == Truth.True)] : parts;
        for (var i = 0; i < told.Length; i++)
        {
            if (i > 0) text.Append(between);
            var isNested = told.Length > 1 && told[i] is CompositePredicate { Parts.Length: > 1 };
            if (isNested) text.Append('(');
            told[i].Explain(text);
            if (isNested) text.Append(')');
        }
    }
}

/// <summary>All of them hold.</summary>
internal sealed class AllPredicate(Predicate[] parts) : CompositePredicate(parts)
{
    // One that can never hold is enough.
    internal override bool IsUnsupported => Value == Truth.Unknown && Array.Exists(Parts, static part => part.IsUnsupported);

    internal override Truth Update(SubjectFrame frame)
    {
        var least = Truth.True;
        foreach (var part in Parts)
        {
            var value = part.Update(frame);
            if (value < least) least = value;
        }
        return Value = least;
    }

    internal override void Explain(StringBuilder text) => Explain(text, " and ");
}

/// <summary>At least one of them holds. What a GPU cannot tell is left out: where the others do not hold, none does.</summary>
internal sealed class AnyPredicate(Predicate[] parts) : CompositePredicate(parts)
{
    internal override bool IsUnsupported => Value == Truth.Unknown && Array.TrueForAll(Parts, static part => part.IsUnsupported);

    internal override Truth Update(SubjectFrame frame)
    {
        var (most, isAnySupported) = (Truth.False, false);
        foreach (var part in Parts)
        {
            var value = part.Update(frame);
            if (value == Truth.Unknown && part.IsUnsupported) continue;
            isAnySupported = true;
            if (value > most) most = value;
        }
        return Value = isAnySupported ? most : Truth.Unknown;
    }

    internal override void Explain(StringBuilder text) => Explain(text, " or ", onlyTrue: Value == Truth.True);
}

/// <summary>It does not hold.</summary>
internal sealed class NotPredicate(Predicate part) : CompositePredicate([part])
{
    internal override bool IsUnsupported => part.IsUnsupported;

    internal override Truth Update(SubjectFrame frame) => Value = (Truth)(-(sbyte)part.Update(frame));

    internal override void Explain(StringBuilder text)
    {
        text.Append("not (");
        part.Explain(text);
        text.Append(')');
    }

    internal override void AddEvidence(List<EventValue> values) => part.AddEvidence(values);
}
