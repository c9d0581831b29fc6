using System.Globalization;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Capture;

/// <summary>Finds which GPUs and processes a target means, and what the manifest may say of them.</summary>
/// <param name="node">The GPUs and who uses them.</param>
/// <param name="name">Name of the node.</param>
/// <param name="procfs">Where procfs is mounted.</param>
internal sealed class ScopeFinder(ICaptureNode node, string name, string procfs)
{
    // A node has as many ranks as GPUs, and some helpers of each.
    private const int ProcessesAtMost = 64;
    private const string PasswordFile = "/etc/passwd";

    /// <summary>The GPUs that a target names, or why there are none. Asks neither driver nor disk.</summary>
    internal (IReadOnlyList<CapturedGpu> Gpus, CaptureRefused? Refused) Gpus(CaptureTarget target)
    {
        if (target.Node != name) return ([], new CaptureRefused(CaptureRefusal.Invalid, $"the target is node '{target.Node}', this is '{name}'"));
        // Before the look: one that is opened just after it was missed is not unknown.
        var isEarly = !node.IsSettled;
        var known = node.Gpus();
        if (known.Count == 0) return ([], new CaptureRefused(CaptureRefusal.UnknownGpu, node.Trouble is { Length: > 0 } trouble ? $"no GPU can be read: {trouble}" : "no GPU was read yet") { IsEarly = isEarly });
        if (target.Gpus.Count == 0 && target.Uuids.Count == 0) return (known, null);
        List<CapturedGpu> found = [];
        foreach (var index in target.Gpus)
        {
            if (known.FirstOrDefault(gpu => gpu.Index == index) is not { } gpu) return ([], Unknown(string.Create(CultureInfo.InvariantCulture, $"{index}"), known, isEarly));
            found.Add(gpu);
        }
        foreach (var uuid in target.Uuids)
        {
            if (known.FirstOrDefault(gpu => gpu.Uuid.Equals(uuid, StringComparison.OrdinalIgnoreCase)) is not { } gpu) return ([], Unknown(uuid, known, isEarly));
            found.Add(gpu);
        }
        return ([.. found.Distinct().OrderBy(static gpu => gpu.Index)], null);
    }

    /// <summary>What a request means now; reads procfs.</summary>
    internal (CaptureScope? Scope, CaptureRefused? Refused) Find(CaptureRequest request)
    {
        var (gpus, refused) = Gpus(request.Target);
        if (refused is not null) return (null, refused);
        // The command has ended, and its report tells of no process that runs now.
        if (request.Profilers is [ProfilerNames.Ncu]) return (new CaptureScope(gpus, [], request.CpuSampling), null);
        var processes = node.Processes(gpus);
        var (job, pid) = (request.Target.Job, request.Target.Pid);
        if (job.Length == 0 && pid is null) return (new CaptureScope(gpus, processes, request.CpuSampling), null);

        ScopeProcess[] meant = [.. processes.Where(process => (pid is null || process.Pid == pid) && (job.Length == 0 || JobOf(process.Pid)?.Id == job))];
        CapturedGpu[] used = [.. gpus.Where(gpu => meant.Any(process => process.Gpus.Contains(gpu.Index)))];
        return used is [] ? (null, new CaptureRefused(CaptureRefusal.NoGpuProcess, $"no process{(job.Length > 0 ? $" of job {job}" : "")}{(pid is { } number ? string.Create(CultureInfo.InvariantCulture, $" {number}") : "")} uses a GPU of {name}"))
            : (new CaptureScope(used, meant, request.CpuSampling), null);
    }

    /// <summary>The processes of a scope as the manifest may show them, and their job.</summary>
    internal (IReadOnlyList<CapturedProcess> Processes, JobReference? Job) Describe(CaptureScope scope)
    {
        List<CapturedProcess> shown = [];
        JobReference? job = null;
        foreach (var process in scope.Processes.Take(ProcessesAtMost))
        {
            var user = ProcessFiles.UserIdOf(procfs, process.Pid) is { } id ? ProcessFiles.UserName(PasswordFile, id) : "";
            job ??= JobOf(process.Pid, user);
            shown.Add(new CapturedProcess(process.Pid, process.Name, user, process.Gpus, Redaction.CommandLine(ProcessFiles.ArgumentsOf(procfs, process.Pid)),
                Redaction.Environment(ProcessFiles.EnvironmentOf(procfs, process.Pid))));
        }
        return (shown, job);
    }

    /// <summary>A sound GPU of the same job as the captured ones, as control; null where there is none.</summary>
    internal CaptureScope? Peer(CaptureScope scope)
    {
        var jobs = scope.Processes.Select(process => JobOf(process.Pid)?.Id).Where(static id => id is not null).ToHashSet(StringComparer.Ordinal);
        var suspects = node.Suspects();
        foreach (var gpu in node.Gpus())
        {
            if (scope.Gpus.Any(captured => captured.Index == gpu.Index) || suspects.Contains(gpu.Index)) continue;
            var users = node.Processes([gpu]);
            // Without a scheduler the same kind of GPU with work of its own is the nearest that there is.
            if (jobs.Count > 0 ? users.Any(process => jobs.Contains(JobOf(process.Pid)?.Id)) : users.Count > 0 && scope.Gpus.Any(captured => captured.Model == gpu.Model))
                return new CaptureScope([gpu], users, CpuSampling: false);
        }
        return null;
    }

    private JobReference? JobOf(long pid, string user = "") => ProcessJobs.Of(procfs, pid) is not { } job ? null : job with
    {
        Id = Redaction.Text(job.Id), Name = Redaction.Text(job.Name), User = job.User.Length > 0 ? Redaction.Text(job.User) : user, Namespace = Redaction.Text(job.Namespace), Pod = Redaction.Text(job.Pod),
    };

    private CaptureRefused Unknown(string gpu, IReadOnlyList<CapturedGpu> known, bool isEarly) => new(CaptureRefusal.UnknownGpu,
        $"GPU {gpu} is not one of {name}, which has {string.Join(", ", known.Select(static other => string.Create(CultureInfo.InvariantCulture, $"{other.Index} ({other.Uuid})")))}") { IsEarly = isEarly };
}
