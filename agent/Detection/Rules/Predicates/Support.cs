namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Tells a value that a GPU cannot give from one that is missing for now: the former was never there.</summary>
internal struct Support
{
    // Six readings of the slowest tier at its default rate: values that are differences, and links that are looked for, are there by then.
    private const long Patience = 60_000_000_000;

    private long begin;
    private bool isBegun;

    /// <summary>True once there was a value; there is nothing to find out any more.</summary>
    internal bool IsSettled { get; private set; }

    /// <summary>True where there was none for a minute from the beginning.</summary>
    internal bool IsMissing { get; private set; }

    /// <summary>Takes note of whether there is a value.</summary>
    internal void Look(long now, bool hasValue)
    {
        if (!isBegun) (isBegun, begin) = (true, now);
        IsSettled = hasValue;
        IsMissing = !hasValue && now - begin >= Patience;
    }
}
