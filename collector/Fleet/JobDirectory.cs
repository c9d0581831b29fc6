using Monitoring.Collector.Series;

namespace Monitoring.Collector.Fleet;

/// <summary>A GPU that a job uses.</summary>
/// <param name="Job">Id of the job.</param>
/// <param name="Node">The node.</param>
/// <param name="Gpu">Index of the GPU on its node; null where the sender does not say.</param>
/// <param name="Uuid">UUID of the GPU; empty where the sender does not say.</param>
internal sealed record JobGpu(string Job, string Node, int? Gpu, string Uuid);

/// <summary>Which job uses which GPU, as <c>gpu_job_info</c> of the fresh nodes says it; nothing where no node sends that.</summary>
internal sealed class JobDirectory(SeriesStore store, TimeProvider time)
{
    private const string FamilyName = "gpu_job_info";
    private const string JobLabel = "job_id";

    // Parsing every node's labels for each of a storm of questions would cost more than jobs change in so long.
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private IReadOnlyList<JobGpu> known = [];
    private long knownAt;
    private bool isKnown;

    /// <summary>The GPUs of a job.</summary>
    public IReadOnlyList<JobGpu> GpusOf(string job) => job.Length == 0 ? [] : [.. All().Where(gpu => gpu.Job == job)];

    /// <summary>The job of a GPU; empty where none or several are known.</summary>
    /// <param name="node">The node.</param>
    /// <param name="gpu">Index or UUID; null for any of the node.</param>
    public string JobOf(string node, string? gpu)
    {
        var jobs = All().Where(row => row.Node == node && (gpu is null || row.Uuid == gpu || (row.Gpu is { } index && index.ToString(System.Globalization.CultureInfo.InvariantCulture) == gpu)))
            .Select(static row => row.Job).Distinct(StringComparer.Ordinal).Take(2).ToArray();
        return jobs is [var job] ? job : "";
    }

    private IReadOnlyList<JobGpu> All()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (isKnown && time.GetElapsedTime(knownAt, now) < GoodFor) return known;
            known = [.. Read(now)];
            knownAt = now;
            isKnown = true;
            return known;
        }
    }

    private IEnumerable<JobGpu> Read(long now)
    {
        foreach (var node in store.Nodes.All.Where(node => node.IsFresh(now)))
        {
            var layout = node.Layout(now);
            if (Array.Find(layout.Families, static family => family.Family.Name == FamilyName) is not { } family) continue;
            var values = new double[layout.SlotCount];
            if (!layout.TryCopyValues(values)) continue;
            foreach (var line in family.Lines)
            {
                // A job that has ended leaves no value.
                if (double.IsNaN(values[line.Slot])) continue;
                var labels = LabelSet.Parse(line.Prefix);
                if (labels.GetValueOrDefault(JobLabel) is not { Length: > 0 } job) continue;
                yield return new JobGpu(job, node.Name, int.TryParse(labels.GetValueOrDefault("gpu"), out var gpu) ? gpu : null, labels.GetValueOrDefault("uuid") ?? "");
            }
        }
    }
}
