using System.Globalization;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// Looks at one part of the node now and then: publishes readings, and says what changed since the look before. Only one thread looks;
/// readings may be asked for by anyone.
/// </summary>
/// <param name="name">Name in evidence, cursors and metrics.</param>
/// <param name="time">The clock.</param>
/// <param name="bootId">What the kernel calls this boot; empty where it does not say, and then every boot is the same.</param>
internal abstract class NodeProbe(string name, TimeProvider time, string bootId = "")
{
    private readonly List<Sighting> seen = [];
    private readonly long startedAt = time.GetTimestamp();
    private long number;

    /// <summary>Name in evidence, cursors and metrics.</summary>
    internal string Name => name;

    /// <summary>What to remember of a thing that is well: the boot in which it was.</summary>
    protected string InThisBoot => bootId;

    /// <summary>The metrics that it answers for.</summary>
    internal virtual IEnumerable<(NodeMetric Metric, Func<IEnumerable<NodeReading>> Read)> Readings => [];

    /// <summary>What changed at the last look, up to where it ended.</summary>
    internal IReadOnlyList<Sighting> Changed => [.. seen];

    /// <summary>Looks once.</summary>
    /// <returns>What changed.</returns>
    internal IReadOnlyList<Sighting> Look(ProbeMemory memory)
    {
        seen.Clear();
        Observe(memory);
        return Changed;
    }

    /// <summary>Renews the readings and calls <see cref="Say"/> and <see cref="Follow"/> for what it saw.</summary>
    protected abstract void Observe(ProbeMemory memory);

    /// <summary>A sighting of this probe at this instant.</summary>
    protected Sighting Make(string kind, EventSeverity severity, string component, string title) => new()
    {
        Source = name,
        Key = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcTicks}:{number++}"),
        Time = time.GetUtcNow(),
        Kind = kind,
        Severity = severity,
        Component = component,
        Title = title,
    };

    /// <summary>Says something that has no end.</summary>
    protected void Say(Sighting sighting) => seen.Add(sighting);

    /// <summary>Starts an incident when its condition comes to hold, and ends it when it no longer does.</summary>
    /// <param name="memory">Remembers whether it has started.</param>
    /// <param name="incident">Its name.</param>
    /// <param name="holds">Whether the condition holds now.</param>
    /// <param name="describe">What it is; called when it starts and when it ends.</param>
    /// <param name="endTitle">What to say when it ended.</param>
    /// <param name="mayPass">True while it is too early to start it; one that has started goes on.</param>
    protected void Follow(ProbeMemory memory, string incident, bool holds, Func<Sighting> describe, string endTitle, bool mayPass = false)
    {
        var open = memory.Open(incident);
        if (holds == open is not null || (holds && mayPass)) return;
        var sighting = describe();
        memory.SetOpen(incident, holds ? sighting.Key : null);
        // A full memory cannot tell the next look that this one has said it.
        if (holds && memory.Open(incident) is null) return;
        seen.Add(holds
            ? sighting with { Phase = EventPhase.Started }
            : sighting with { Phase = EventPhase.Ended, Incident = open, Title = endTitle, Severity = EventSeverity.Info, SuggestedAction = "" });
    }

    /// <summary>True where a fact was seen in this boot: not in another, nor by a version that did not note the boot.</summary>
    protected bool IsOfThisBoot(string? fact) => fact is not null && (bootId.Length == 0 || fact == bootId);

    /// <summary>
    /// True while something that was not yet well in this boot may still become so: after a reboot ports train, drivers load and fabrics
    /// form while the agent runs already.
    /// </summary>
    /// <param name="fact">What is remembered of when it was well; null where it never was.</param>
    /// <param name="grace">How long it may take, from the start of the agent on.</param>
    protected bool MayStillCome(string? fact, TimeSpan grace) => !IsOfThisBoot(fact) && time.GetElapsedTime(startedAt) < grace;

    /// <summary>The text of a small file, trimmed; null for one that is not there or cannot be read, which is how sysfs says "not supported".</summary>
    protected static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Names of the entries of a directory, sorted; none where it is not there or cannot be read.</summary>
    protected static IReadOnlyList<string> Entries(string path)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(path).Select(static entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
