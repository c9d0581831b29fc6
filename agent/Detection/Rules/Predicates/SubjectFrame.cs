using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>What predicates see of a GPU or the node at the moment: the last values, and how old they are. Times are nanoseconds.</summary>
internal sealed class SubjectFrame
{
    private static readonly FrameLayout Empty = new([]);

    // Nobody says how often a node is sampled until the second reading; GPUs are read ten times a second or once, and neither is a gap.
    private readonly Cadence[] cadences = [new(1_000_000_000), new(1_000_000_000), new(10_000_000_000)];
    private double[] values = [];
    private long lastFrameNow = long.MinValue;

    /// <summary>What the values are.</summary>
    internal FrameLayout Layout { get; private set; } = Empty;

    /// <summary>The last values, in the order of the layout.</summary>
    internal ReadOnlySpan<double> Values => values;

    /// <summary>The moment: when the frame was taken, or the time of a tick.</summary>
    internal long Now { get; private set; }

    /// <summary>As <see cref="Now"/>, less the time in which the engine itself was not run.</summary>
    internal long Awake { get; private set; }

    /// <summary>Tiers that are new at this moment: read, or overdue as of now.</summary>
    internal Tiers Read { get; private set; }

    /// <summary>Tiers whose values count.</summary>
    internal Tiers Fresh { get; private set; }

    /// <summary>Tiers of which readings are missing just before this moment.</summary>
    internal Tiers Gaps { get; private set; }

    /// <summary><see cref="Awake"/> at the last frame; <see cref="long.MinValue"/> for never.</summary>
    internal long LastFrame { get; private set; } = long.MinValue;

    /// <summary>The rhythm of a tier.</summary>
    internal Cadence Of(Tier tier) => cadences[(int)tier];

    /// <summary>Takes a frame.</summary>
    /// <returns>True where the layout is another than before: predicates are to be bound anew.</returns>
    internal bool Take(FrameLayout layout, Tiers read, ReadOnlySpan<double> frame, long now, long awake)
    {
        var isOther = !ReferenceEquals(layout, Layout);
        if (isOther)
        {
            Layout = layout;
            values = new double[layout.Series.Count];
        }
        frame[..Math.Min(frame.Length, values.Length)].CopyTo(values);
        values.AsSpan(Math.Min(frame.Length, values.Length)).Fill(double.NaN);

        // A frame counts at its own time, even where the clock was read after it was taken.
        (Now, Awake) = (lastFrameNow, LastFrame == long.MinValue ? awake : LastFrame);
        Move(now, awake);
        (lastFrameNow, LastFrame) = (Now, Awake);
        Gaps = Tiers.None;
        for (var tier = 0; tier < cadences.Length; tier++)
            if ((read & (Tiers)(1 << tier)) != 0 && cadences[tier].Read(Now)) Gaps |= (Tiers)(1 << tier);
        Read = read | Expire();
        if (isOther) Read |= Tiers.Fast | Tiers.Medium | Tiers.Slow;
        return isOther;
    }

    /// <summary>Time went by without a frame.</summary>
    internal void Tick(long now, long awake)
    {
        Move(now, awake);
        Gaps = Tiers.None;
        Read = Expire();
    }

    private void Move(long now, long awake)
    {
        Now = Math.Max(Now, now);
        Awake = Math.Max(Awake, awake);
    }

    private Tiers Expire()
    {
        var before = Fresh;
        Fresh = Tiers.None;
        for (var tier = 0; tier < cadences.Length; tier++)
            if (cadences[tier].IsFresh(Now)) Fresh |= (Tiers)(1 << tier);
        return before & ~Fresh;
    }
}
