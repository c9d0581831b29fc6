using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// Has a dynolog that is on the node already hand configurations out. It knows processes by the numbers that they claim, so that only those
/// can be named whose number is the same in the node's own process namespace.
/// </summary>
internal sealed class DynologWay(DynologClient dynolog, string procfs) : IKinetoWay
{
    /// <inheritdoc/>
    public IReadOnlyList<KinetoClient> Clients(CaptureScope scope, out string words)
    {
        var clients = new List<KinetoClient>();
        var foreign = 0;
        foreach (var process in scope.Processes)
        {
            if (JobProcess.Read(procfs, process.Pid) is not { } found || !found.Environment.ContainsKey(JobProcess.UsesDaemon)) continue;
            if (found.IsInOurNamespace) clients.Add(new KinetoClient(process.Pid, found.Uid, found.OwnPid, JobOf(found), KinetoProcesses.UsualInterval, KinetoProcesses.UsualInterval));
            else foreign++;
        }
        words = clients.Count > 0 ? ""
            : foreign > 0 ? $"dynolog has the endpoint, and it cannot tell the {foreign} processes in containers apart: end dynolog, so that the agent answers them itself"
            : $"none of the {scope.Processes.Count} processes was started with KINETO_USE_DAEMON=1";
        return clients;
    }

    /// <inheritdoc/>
    public async Task<string?> HandAsync(KinetoClient client, string configuration, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await dynolog.RequestAsync(configuration, client.JobId, client.OwnPid, cancellationToken);
            if (answer.Triggered is [var only] && only == client.OwnPid) return null;
            return answer switch
            {
                { Triggered: [var other, ..] } => $"dynolog took process {other} for it",
                { Busy: > 0 } => "dynolog has another request for it already",
                _ => "dynolog does not know it",
            };
        }
        catch (IOException fault)
        {
            return fault.Message;
        }
        catch (OperationCanceledException)
        {
            return "the capture was ended before dynolog answered";
        }
    }

    // dynolog keeps processes by job; a process without one is of job 0.
    private static long JobOf(JobProcess process) =>
        process.Environment.TryGetValue(JobProcess.SlurmJob, out var job) && long.TryParse(job, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 0;
}
