using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// The GPUs that the node has or had, so that an event that names one by its PCI address, UUID or index alone gets the rest; above all
/// one about a GPU that fell off the bus and answers no more. Used by one thread.
/// </summary>
internal sealed class GpuDirectory
{
    // GPUs that were replaced while the agent ran are forgotten from here on, oldest first.
    private const int Most = 256;

    private readonly List<GpuReference> known = [];

    /// <summary>Takes note of a GPU that is there.</summary>
    internal void Add(GpuReference gpu)
    {
        if (gpu.Uuid.Length == 0) return;
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i].Uuid != gpu.Uuid) continue;
            if (known[i] == gpu) return;
            known.RemoveAt(i);
            break;
        }
        if (known.Count == Most) known.RemoveAt(0);
        known.Add(gpu);
    }

    /// <summary>Takes note of the GPUs that are there; those that are gone stay known.</summary>
    internal void Add(IEnumerable<GpuSubject> gpus)
    {
        foreach (var gpu in gpus) Add(gpu.Reference);
    }

    /// <summary>Fills in what a source does not know; a GPU that was never seen stays as it is named.</summary>
    internal GpuReference? Complete(GpuReference? gpu)
    {
        if (gpu is null) return null;
        var address = PciAddress.Normalize(gpu.PciBusId);
        // The newest one counts: an index or a slot may have got another GPU.
        for (var index = known.Count - 1; index >= 0; index--)
        {
            var candidate = known[index];
            var isIt = gpu.Uuid.Length > 0 ? candidate.Uuid == gpu.Uuid
                : address.Length > 0 ? PciAddress.Normalize(candidate.PciBusId) == address
                : gpu.Serial.Length > 0 ? candidate.Serial == gpu.Serial
                : gpu.Index is not null && candidate.Index == gpu.Index;
            if (isIt)
                return new GpuReference(gpu.Index ?? candidate.Index, candidate.Uuid, Or(gpu.Serial, candidate.Serial), Or(candidate.PciBusId, gpu.PciBusId));
        }
        return gpu;
    }

    private static string Or(string first, string second) => first.Length > 0 ? first : second;
}
