using Monitoring.Settings;

namespace Monitoring.Collector.Commands;

/// <summary>How captures are asked for over the collector.</summary>
internal sealed class CommandSettings
{
    /// <summary>Agents that may be connected.</summary>
    [Setting("Agents that may hold a stream of commands open at once; each is a connection, see ingest.max_connections.", Minimum = "1", Maximum = "100000")]
    public int MaxNodes { get; set; } = 4096;

    /// <summary>Commands that wait.</summary>
    [Setting("Commands that may wait for their agents, all together; a capture beyond it is refused with queue_full.", Minimum = "1", Maximum = "2000")]
    public int MaxCommands { get; set; } = 2000;

    /// <summary>Commands that wait for one agent.</summary>
    [Setting("Commands that may wait for one agent.", Minimum = "1", Maximum = "1000")]
    public int MaxCommandsPerNode { get; set; } = 32;

    /// <summary>Life of a command.</summary>
    [Setting("How long a capture that nobody took is wanted, beyond its start time; then it is refused with expired.", Minimum = "10s", Maximum = "1d")]
    public TimeSpan CommandLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Signs of life.</summary>
    [Setting("How often a stream without commands carries a sign of life; agents close one that is silent for 45s.", Minimum = "1s", Maximum = "15s")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Nodes of a wish.</summary>
    [Setting("Nodes that one request may ask captures of.", Minimum = "1", Maximum = "2000")]
    public int MaxNodesPerRequest { get; set; } = 256;

    /// <summary>Duration of a capture.</summary>
    [Setting("Longest recording that may be asked for; nodes have a limit of their own.", Minimum = "1s", Maximum = "1h")]
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Room for the audit.</summary>
    [Setting("Room for the audit of captures on disk; beyond it the oldest go first.", Minimum = "1MiB", Maximum = "64GiB")]
    public long MaxAuditBytes { get; set; } = 64L << 20;

    /// <summary>Age of the audit.</summary>
    [Setting("How long the audit of captures is kept.", Minimum = "1d", Maximum = "3650d")]
    public TimeSpan MaxAuditAge { get; set; } = TimeSpan.FromDays(365);

    /// <summary>What the cluster takes.</summary>
    [Setting("How many captures the cluster takes, whoever asks.")]
    public BudgetSettings Budget { get; set; } = new();

    /// <summary>The webhook.</summary>
    [Setting("Captures that Alertmanager asks for, at /api/v1/alertmanager.")]
    public AlertSettings Alertmanager { get; set; } = new();
}
