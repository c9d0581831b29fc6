using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// The job that each GPU works for. <see cref="Look"/> reads the environments of its processes and is called by a thread that may wait, since
/// procfs can hold a reader up; everyone else sees what was found last. A GPU that two jobs share has the one whose process is oldest.
/// </summary>
internal sealed class GpuJobs(Func<IReadOnlyList<GpuUsers>> gpus, string procfs, TimeProvider time)
{
    /// <summary>A job whose processes are gone is told with what the GPU does of it then, such as the XID that ended them.</summary>
    internal static readonly TimeSpan Lasts = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> seenAt = new(StringComparer.Ordinal);
    private Dictionary<string, GpuJob> known = [];
    private bool isKnown;

    /// <summary>Stands for what nobody looked at yet, as after a start.</summary>
    internal static readonly JobReference NotYet = new("", "");

    /// <summary>The job of a GPU, <see cref="NotYet"/>, or null where none is known.</summary>
    internal JobReference? OrNotYet(string uuid) => Volatile.Read(ref isKnown) ? Of(uuid) : NotYet;

    /// <summary>The job of a GPU; null where none is known. The same object for as long as it is the same job.</summary>
    internal JobReference? Of(string uuid) => Volatile.Read(ref known).GetValueOrDefault(uuid)?.Job;

    /// <summary>Registers what it answers for.</summary>
    internal void Register(NodeReadings readings) => readings.Add(MetricTable.JobInfo, () => Volatile.Read(ref known).Select(static entry => new NodeReading(
        1, entry.Value.Gpu, entry.Key, entry.Value.Job.Id, entry.Value.Job.Name, entry.Value.Job.User, entry.Value.Job.Namespace, entry.Value.Job.Pod, entry.Value.Job.Scheduler)));

    /// <summary>Looks anew.</summary>
    internal void Look()
    {
        var (before, now) = (known, time.GetTimestamp());
        Dictionary<string, GpuJob> next = new(StringComparer.Ordinal);
        foreach (var gpu in gpus())
        {
            if (gpu.Processes.Order().Select(pid => ProcessJobs.Of(procfs, pid)).FirstOrDefault(static job => job is not null) is { } job)
            {
                seenAt[gpu.Uuid] = now;
                next[gpu.Uuid] = before.GetValueOrDefault(gpu.Uuid) is { } same && same.Job == job ? same : new GpuJob(gpu.Index.ToString(CultureInfo.InvariantCulture), job);
            }
            else if (before.GetValueOrDefault(gpu.Uuid) is { } last && time.GetElapsedTime(seenAt.GetValueOrDefault(gpu.Uuid), now) <= Lasts) next[gpu.Uuid] = last;
        }
        Volatile.Write(ref known, next);
        Volatile.Write(ref isKnown, true);
    }

    private sealed record GpuJob(string Gpu, JobReference Job);
}

/// <summary>A GPU with the processes that use it.</summary>
internal sealed record GpuUsers(int Index, string Uuid, IReadOnlyList<long> Processes);
