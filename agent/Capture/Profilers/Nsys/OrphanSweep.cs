using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// Ends what nsys left behind of the agent's own sessions. A daemon may hang in its last work and spin a core for ever; it is nobody's child,
/// so that its session's name is all that tells whose it is.
/// </summary>
internal sealed partial class OrphanSweep(NsysProcesses processes, NsysTool tool, TimeProvider time, ILogger<OrphanSweep> logger)
{
    /// <summary>How long a daemon may take to end after it was asked to; measured: 0.1 s.</summary>
    private static readonly TimeSpan TermPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SignalLimit = TimeSpan.FromSeconds(5);

    /// <summary>Names of the agent's own sessions; they must begin with a letter.</summary>
    internal const string NamePrefix = "agent-";

    /// <summary>Of a capture's id, enough to tell a node's captures apart.</summary>
    private const int IdCharacters = 16;

    /// <summary>The session of a capture.</summary>
    internal static string SessionName(string captureId) => NamePrefix + captureId[..Math.Min(captureId.Length, IdCharacters)];

    /// <summary>
    /// Ends every daemon of this session: by nsys, then SIGTERM, then SIGKILL. Only those of the agent's own user and namespaces and of the exact name: root in
    /// a container may call a process what it likes, and its programs are not to be run out here.
    /// </summary>
    internal async Task EndAsync(string session)
    {
        if (!session.StartsWith(NamePrefix, StringComparison.Ordinal)) throw new ArgumentException($"session '{session}' is not the agent's own", nameof(session));
        var user = processes.Owner("self")?.UserId;
        var (pid, mount) = (processes.Namespace("self", "pid"), processes.Namespace("self", "mnt"));
        foreach (var agent in processes.NsysAgents(session).Where(agent => agent.SessionName == session && agent.UserId == user && agent.PidNamespace == pid && agent.MountNamespace == mount))
            await EndAsync(agent, new NsysPlace(agent.Program, [], agent.TemporaryDirectory)).ConfigureAwait(false);
    }

    /// <summary>Ends the daemons of a session's name that are not the one that is known: a start in a session that has ended makes such a one.</summary>
    internal async Task EndStraysAsync(NsysAgentProcess known, NsysPlace place, string session)
    {
        foreach (var agent in processes.NsysAgents(session).Where(agent => agent.SessionName == session && agent.Pid != known.Pid && agent.PidNamespace == known.PidNamespace && agent.UserId == known.UserId))
            await EndAsync(agent, place).ConfigureAwait(false);
    }

    /// <summary>Ends one daemon; the job of its session runs on without it.</summary>
    internal async Task EndAsync(NsysAgentProcess agent, NsysPlace place)
    {
        if (place.Program.Length > 0) await tool.ShutdownAsync(place, agent.SessionName).ConfigureAwait(false);
        if (await IsGoneAsync(agent).ConfigureAwait(false)) return;
        await SignalAsync("TERM", agent).ConfigureAwait(false);
        if (await IsGoneAsync(agent).ConfigureAwait(false)) return;
        await SignalAsync("KILL", agent).ConfigureAwait(false);
        LogKilled(agent.SessionName, agent.Pid);
        await IsGoneAsync(agent).ConfigureAwait(false);
    }

    private async Task<bool> IsGoneAsync(NsysAgentProcess agent)
    {
        for (var begun = time.GetTimestamp(); time.GetElapsedTime(begun) < TermPatience;)
        {
            if (!processes.IsNsysAgent(agent.Pid, agent.SessionName)) return true;
            await Task.Delay(LookInterval, time, CancellationToken.None).ConfigureAwait(false);
        }
        return false;
    }

    /// <summary>Looks once more at whose number it is: a number is given to another process after the first one's end.</summary>
    private async Task SignalAsync(string signal, NsysAgentProcess agent)
    {
        if (!processes.IsNsysAgent(agent.Pid, agent.SessionName)) return;
        var call = new ProgramCall("/bin/sh", ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, agent.Pid.ToString(CultureInfo.InvariantCulture)], SignalLimit);
        await tool.Programs.RunAsync(call, CancellationToken.None).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 2150, Level = LogLevel.Warning, Message = "The nsys process {Pid} of session {Session} did not end when asked and was killed.")]
    private partial void LogKilled(string session, int pid);
}
