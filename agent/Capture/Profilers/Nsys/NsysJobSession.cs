namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>A session that <c>gpu-run</c> keeps beside a job, and how calls reach it.</summary>
/// <param name="Agent">Its daemon.</param>
/// <param name="Place">Where calls are made.</param>
/// <param name="Session">As nsys lists it.</param>
internal sealed record NsysJobSession(NsysAgentProcess Agent, NsysPlace Place, NsysSession Session)
{
    /// <summary>Names of the sessions that gpu-run makes; nobody else's are touched.</summary>
    internal const string NamePrefix = "gpu-run-";

    internal string Name => Session.Name;
}
