namespace Monitoring.Agent.Detection;

/// <summary>How many events of one kind, code, GPU and source are let through a minute; the rest is counted for one event that sums them up.</summary>
internal sealed class StormGate(Sighting first)
{
    /// <summary>Events a minute of each kind, code and GPU: more tell a person nothing and push others out of the journal.</summary>
    internal const int MostPerWindow = 20;

    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>After a restart lines of the storm that were read and not kept are read again within this time; its sum waits for them.</summary>
    internal static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(30);

    private int passed;
    private DateTimeOffset? resumed;

    /// <summary>A storm as it was kept before a restart.</summary>
    internal StormGate(KeptStorm kept, DateTimeOffset now) : this(kept.Example)
    {
        (Began, Held, passed, resumed) = (kept.Began, kept.Held, kept.Passed, now);
    }

    /// <summary>When the minute that is counted began.</summary>
    internal DateTimeOffset Began { get; private set; } = first.Time;

    /// <summary>What was held back in this minute.</summary>
    internal int Held { get; private set; }

    /// <summary>The first that was held back.</summary>
    internal Sighting Example { get; private set; } = first;

    /// <summary>True once no more events pass: from here on incidents are known to memory alone.</summary>
    internal bool IsFull => passed >= MostPerWindow;

    /// <summary>What is to be kept of it.</summary>
    internal KeptStorm Kept => new(Began, passed, Held, Example);

    /// <summary>True once the minute is over.</summary>
    internal bool IsOver(DateTimeOffset now) => now - Began >= Window || Began - now >= Window;

    /// <summary>True while lines of it may still be read again.</summary>
    internal bool Waits(DateTimeOffset now) => resumed is { } at && (now - at).Duration() < ReadAgain;

    /// <summary>True for an event that may pass.</summary>
    internal bool Passes(Sighting sighting)
    {
        if (!IsFull)
        {
            passed++;
            return true;
        }
        if (Held++ == 0) Example = sighting;
        return false;
    }

    /// <summary>An event that had passed before a restart was read again.</summary>
    internal void PassedBefore()
    {
        if (!IsFull) passed++;
    }

    /// <summary>Begins another minute.</summary>
    internal void Restart(DateTimeOffset now)
    {
        Began = now;
        passed = Held = 0;
        resumed = null;
    }
}
