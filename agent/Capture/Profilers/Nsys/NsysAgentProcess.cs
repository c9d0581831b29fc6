namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// The daemon of one session. nsys detaches it (it is nobody's child), so that it outlives the program that was called and is found by its
/// command line alone: <c>nsys --start-agent --session-name=S --shm-name=...</c>.
/// </summary>
/// <param name="Pid">Its number in the agent's process namespace.</param>
/// <param name="SessionName">The session.</param>
/// <param name="Program">The nsys that runs, as its own mount namespace names it.</param>
/// <param name="UserId">Its user; sessions belong to users.</param>
/// <param name="TemporaryDirectory">Its TMPDIR: sessions are found through it, and the raw recording is put there.</param>
/// <param name="PidNamespace">Such as <c>pid:[4026531836]</c>.</param>
/// <param name="MountNamespace">Such as <c>mnt:[4026531841]</c>.</param>
internal sealed record NsysAgentProcess(
    int Pid, string SessionName, string Program, uint UserId, uint GroupId, string TemporaryDirectory, string PidNamespace, string MountNamespace);
