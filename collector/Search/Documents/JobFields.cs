using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Search.Documents;

/// <summary>The fields of the job that a GPU works for.</summary>
internal static class JobFields
{
    /// <summary>Writes them.</summary>
    /// <param name="user">The job's user as he may be shown.</param>
    public static void Write(DocumentBuilder document, JobReference job, string? user, DocumentPrivacy.Names names)
    {
        document.Word("gpu.job.scheduler", job.Scheduler);
        document.Word("gpu.job.id", job.Id);
        document.Word("gpu.job.user", user);
        // People name jobs, namespaces and pods after themselves.
        document.Word("gpu.job.name", names.In(job.Name ?? ""));
        document.Word("gpu.job.namespace", names.In(job.Namespace ?? ""));
        document.Word("gpu.job.pod", names.In(job.Pod ?? ""));
        document.Word("gpu.job.container", names.In(job.Container ?? ""));
    }
}
