using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>
/// The GPUs that a capture is of, by what a report may call them. Profilers count GPUs in their own order, and a profiler of the whole node
/// sees those of other jobs too.
/// </summary>
internal sealed class CapturedGpus(IReadOnlyList<CapturedGpu> gpus)
{
    private const string Prefix = "GPU-";

    /// <summary>Nobody said which: every GPU of a report counts, and none has a number of the node.</summary>
    internal static CapturedGpus Unknown { get; } = new([]);

    /// <summary>True where it is known which GPUs the capture is of.</summary>
    internal bool AreKnown => gpus.Count > 0;

    /// <summary>Index on the node; null where it is none of the captured.</summary>
    /// <param name="uuid">With or without the prefix that NVML writes; empty where the report does not say.</param>
    /// <param name="pciBusId">In any notation; empty where the report does not say.</param>
    internal int? IndexOf(string uuid, string pciBusId)
    {
        var address = PciAddress.Normalize(pciBusId);
        foreach (var gpu in gpus)
            if ((uuid.Length > 0 && Bare(gpu.Uuid).Equals(Bare(uuid), StringComparison.OrdinalIgnoreCase)) || (address.Length > 0 && PciAddress.Normalize(gpu.PciBusId) == address)) return gpu.Index;
        return null;
    }

    private static ReadOnlySpan<char> Bare(string uuid) => uuid.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? uuid.AsSpan(Prefix.Length) : uuid;
}
