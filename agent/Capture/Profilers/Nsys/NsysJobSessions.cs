namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>Finds the sessions of jobs that were started under <c>gpu-run</c>.</summary>
internal sealed class NsysJobSessions(NsysProcesses processes, NsysReach reach, NsysTool tool)
{
    /// <summary>A node has no more GPUs than this, and a job one process with a session for each.</summary>
    internal const int SessionsAtMost = 16;

    /// <summary>The sessions of these processes.</summary>
    /// <returns>Those that can be reached; of the others why not, one line each.</returns>
    internal async Task<(IReadOnlyList<NsysJobSession> Reached, IReadOnlyList<string> Troubles)> OfAsync(IEnumerable<ScopeProcess> wanted, CancellationToken cancellationToken)
    {
        var agents = processes.NsysAgents(NsysJobSession.NamePrefix);
        var (reached, troubles) = (new List<NsysJobSession>(), new List<string>());
        foreach (var (id, directory, pidNamespace) in wanted.Select(Mark).OfType<(long Id, string Directory, string PidNamespace)>().Distinct())
        {
            // A session is named by its number, its directory and its process namespace: numbers repeat from pod to pod.
            var candidates = agents.Where(agent => agent.TemporaryDirectory == directory && agent.PidNamespace == pidNamespace).ToArray();
            if (candidates is []) continue;
            var (place, words) = reach.PlaceOf(candidates[0]);
            if (place is null)
            {
                troubles.Add(words);
                continue;
            }
            var sessions = await tool.SessionsAsync(place, cancellationToken).ConfigureAwait(false);
            if (sessions?.FirstOrDefault(session => session.Id == id) is { } found && candidates.FirstOrDefault(agent => agent.SessionName == found.Name) is { } agent)
                reached.Add(new NsysJobSession(agent, place, found));
            else
                troubles.Add(sessions is null ? $"nsys does not answer in the session's place ({candidates[0].SessionName})" : $"session {candidates[0].SessionName} has ended; its job runs on without it");
            if (reached.Count == SessionsAtMost) break;
        }
        return (reached, troubles);
    }

    /// <summary>Every session of gpu-run on the node that can be reached.</summary>
    internal async Task<IReadOnlyList<NsysJobSession>> AllAsync(CancellationToken cancellationToken)
    {
        var found = new List<NsysJobSession>();
        foreach (var agent in processes.NsysAgents(NsysJobSession.NamePrefix).Take(SessionsAtMost * 4))
        {
            if (reach.PlaceOf(agent).Place is { } place && await tool.SessionsAsync(place, cancellationToken).ConfigureAwait(false) is { } sessions
                && sessions.FirstOrDefault(session => session.Name == agent.SessionName) is { } session)
                found.Add(new NsysJobSession(agent, place, session));
        }
        return found;
    }

    private (long Id, string Directory, string PidNamespace)? Mark(ScopeProcess process) =>
        processes.SessionOf(process.Pid) is { } session
            ? (session.Id, session.Directory, processes.Namespace(process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), "pid")) : null;
}
