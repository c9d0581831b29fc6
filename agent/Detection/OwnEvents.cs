using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>Events that parts of the agent append to the journal by themselves: no source saw them, so rules never get them.</summary>
internal static class OwnEvents
{
    /// <summary>The source of what a person did to the health of the node.</summary>
    internal const string Person = "person";

    /// <summary>The source of what the journal says of itself; the lines of systemd's journal, which names itself so too, tell of no gaps.</summary>
    internal const string Journal = "journal";

    /// <summary>True for an event that rules get when it happens, and so after a restart too.</summary>
    internal static bool IsForRules(EventRecord record) => record.Kind switch
    {
        EventKinds.Anomaly or EventKinds.Capture => false,
        EventKinds.Agent => !record.Evidence.Sources.Contains(Person),
        EventKinds.Gap => !record.Evidence.Sources.Contains(Journal),
        _ => true,
    };
}
