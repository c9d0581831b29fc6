using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// The way to a session of another user or in a pod: calls are made as its user and in its namespaces, so that nothing that a user left there
/// (a link, a program called nsys) is followed or run with more rights than the user has.
/// </summary>
internal sealed class NsysReach(NsysProcesses processes, NsysSettings settings)
{
    // Bits of CapEff, from linux/capability.h.
    private const int CapSetGid = 6;
    private const int CapSetUid = 7;
    private const int CapSysAdmin = 21;

    /// <summary>The place of a session's daemon, or why it cannot be reached, one line.</summary>
    internal (NsysPlace? Place, string Words) PlaceOf(NsysAgentProcess agent)
    {
        if (processes.Owner("self") is not { } self) return (null, "the agent's own user cannot be read from procfs");
        var isSameUser = self.UserId == agent.UserId;
        if (!isSameUser && !(processes.HasCapability(CapSetUid) && processes.HasCapability(CapSetGid)))
            return (null, $"session {agent.SessionName} belongs to user {agent.UserId} and the agent is user {self.UserId}: run the agent as root to record it");
        if (agent.Program.Length == 0 || agent.PidNamespace.Length == 0 || agent.MountNamespace.Length == 0)
            return (null, $"the process of session {agent.SessionName} may not be looked at: run the agent as root, with CAP_SYS_PTRACE and the host's processes in sight");
        var isHere = agent.PidNamespace == processes.Namespace("self", "pid") && agent.MountNamespace == processes.Namespace("self", "mnt");
        if (!isHere && !processes.HasCapability(CapSysAdmin))
            return (null, $"session {agent.SessionName} runs in namespaces of its own: run the agent as root with CAP_SYS_ADMIN to record it");
        if (!isHere && agent.UserId == 0 && !settings.RootContainers && !HasOurRights(agent))
            return (null, $"session {agent.SessionName} runs as root of a container with fewer rights than the agent, whose calls there would give it the agent's: run the pod as a user other than root, or set capture.nsys.root_containers");
        return (new NsysPlace(agent.Program, Way(agent, isHere, isSameUser), agent.TemporaryDirectory), "");
    }

    /// <summary>True for root that could do all the same without us. A user other than root gets no rights by a call, root keeps those of who calls.</summary>
    private bool HasOurRights(NsysAgentProcess agent) =>
        processes.Capabilities("self") is { } ours && processes.Capabilities(Text((uint)agent.Pid)) is { } theirs && (ours & ~theirs) == 0
        && processes.Namespace("self", "user") is { Length: > 0 } user && processes.Namespace(Text((uint)agent.Pid), "user") == user;

    private static string[] Way(NsysAgentProcess agent, bool isHere, bool isSameUser)
    {
        if (isHere && isSameUser) return [];
        string[] user = ["--setuid", Text(agent.UserId), "--setgid", Text(agent.GroupId)];
        return isHere ? ["nsenter", .. user, "--"] : ["nsenter", "--target", Text((uint)agent.Pid), "--mount", "--pid", .. user, "--"];
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
