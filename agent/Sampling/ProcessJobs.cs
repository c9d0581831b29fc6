using Monitoring.Agent.Devices.Kernel;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Sampling;

/// <summary>The job of a process, as the variables say that its scheduler gave it.</summary>
internal static class ProcessJobs
{
    // Longer than any scheduler's names; a job may put anything into its environment.
    private const int LongestValue = 256;

    private static readonly (string Scheduler, string Id, string Name, string User)[] Schedulers =
    [
        ("slurm", "SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_JOB_USER"), ("pbs", "PBS_JOBID", "PBS_JOBNAME", "PBS_O_LOGNAME"), ("lsf", "LSB_JOBID", "LSB_JOBNAME", "LSB_JOBUSER"),
    ];

    /// <summary>The job; null where no scheduler started the process, it is gone, or its environment is not the agent's to see.</summary>
    internal static JobReference? Of(string procfs, long pid)
    {
        var variables = ProcessFiles.EnvironmentOf(procfs, pid);
        foreach (var scheduler in Schedulers)
            if (Value(scheduler.Id) is { Length: > 0 } id)
                return new JobReference(scheduler.Scheduler, id, Value(scheduler.Name), Value(scheduler.User));
        return Value("POD_UID") is { Length: > 0 } pod ? new JobReference("kubernetes", pod, Namespace: Value("POD_NAMESPACE"), Pod: Value("POD_NAME")) : null;

        string Value(string variable)
        {
            var value = variables.FirstOrDefault(entry => entry.Key == variable).Value ?? "";
            if (value.Length > LongestValue) value = value[..LongestValue];
            return value.Any(char.IsControl) ? new string([.. value.Select(static letter => char.IsControl(letter) ? ' ' : letter)]) : value;
        }
    }
}
