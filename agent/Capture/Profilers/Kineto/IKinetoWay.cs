namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>A process that can be handed a configuration.</summary>
/// <param name="Pid">In the agent's process namespace.</param>
/// <param name="Uid">Its user; its trace must belong to the same.</param>
/// <param name="OwnPid">In its own namespace, which stands in the name of its trace.</param>
/// <param name="JobId">SLURM_JOB_ID, or 0.</param>
/// <param name="Interval">How often it asks.</param>
/// <param name="AsksWithin">When it asks next, at the latest, from now on.</param>
/// <param name="Known">As the endpoint knows it; null over dynolog.</param>
internal sealed record KinetoClient(long Pid, uint Uid, int OwnPid, long JobId, TimeSpan Interval, TimeSpan AsksWithin, KinetoProcess? Known = null);

/// <summary>How configurations reach processes: from our own endpoint, or through a dynolog that has it.</summary>
internal interface IKinetoWay
{
    /// <summary>Those of the processes that can be asked; an empty list says why not in <paramref name="words"/>.</summary>
    IReadOnlyList<KinetoClient> Clients(CaptureScope scope, out string words);

    /// <summary>Hands a configuration to one process, once at most.</summary>
    /// <param name="within">After this it is not handed out any more.</param>
    /// <returns>Null once the process has it, else why it has not and will not.</returns>
    Task<string?> HandAsync(KinetoClient client, string configuration, TimeSpan within, CancellationToken cancellationToken);
}
