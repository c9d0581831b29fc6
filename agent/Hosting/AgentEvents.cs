using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Hosting;

/// <summary>What the agent says of itself.</summary>
internal static class AgentEvents
{
    private const string Source = "agent";

    /// <summary>The agent was started: the mark from which on its silence would have been noticed.</summary>
    internal static Sighting Started(NodeIdentity identity, DateTimeOffset now) => new()
    {
        Source = Source,
        Key = "started:" + now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        Time = now,
        Kind = EventKinds.Agent,
        Severity = EventSeverity.Info,
        Title = $"gpu-agent {ProcessReadings.Version} was started on {identity.Node}",
        Details = new Dictionary<string, string> { ["version"] = ProcessReadings.Version },
    };
}
