using System.Text.Json;
using System.Text.Json.Serialization;
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
    private readonly HashSet<string> present = new(StringComparer.Ordinal); // UUIDs that were seen in this boot, not only in events of another
    private bool isNew;

    /// <summary>Takes note of a GPU that is there.</summary>
    internal void Add(GpuReference gpu)
    {
        if (gpu.Uuid.Length == 0) return;
        if (Learn(gpu) | present.Add(gpu.Uuid)) isNew = true;
    }

    /// <summary>Takes note of a GPU that an event of an earlier run names.</summary>
    /// <returns>False for one that is known so already.</returns>
    internal bool Learn(GpuReference gpu)
    {
        if (gpu.Uuid.Length == 0) return false;
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i].Uuid != gpu.Uuid) continue;
            if (known[i] == gpu) return false;
            known.RemoveAt(i);
            break;
        }
        if (known.Count == Most)
        {
            present.Remove(known[0].Uuid);
            known.RemoveAt(0);
        }
        known.Add(gpu);
        return true;
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

    /// <summary>What is to be kept in place of what was; null where nothing is new.</summary>
    /// <param name="bootId">The boot of the kernel.</param>
    internal JsonElement? TakeNews(string bootId)
    {
        if (!isNew) return null;
        isNew = false;
        return JsonSerializer.SerializeToElement(new KeptGpus(bootId, [.. known.Where(gpu => present.Contains(gpu.Uuid))]), KeptGpusJson.Default.KeptGpus);
    }

    /// <summary>
    /// Goes on from what was kept, so that a driver that does not answer after a restart hides nobody. What cannot be read is as nothing,
    /// and so is what was kept in another boot: GPUs change their places while a machine is off.
    /// </summary>
    internal void Restore(JsonElement kept, string bootId)
    {
        try
        {
            if (kept.Deserialize(KeptGpusJson.Default.KeptGpus) is not { Gpus: { } gpus } state || bootId.Length == 0 || state.BootId != bootId) return;
            foreach (var gpu in gpus)
                if (gpu is { Uuid: not null, Serial: not null, PciBusId: not null }) Add(gpu);
            isNew = false;
        }
        catch (JsonException)
        {
            // As nothing.
        }
    }

    private static string Or(string first, string second) => first.Length > 0 ? first : second;
}

/// <summary>The GPUs of a boot, oldest first.</summary>
internal sealed record KeptGpus(string BootId, GpuReference[] Gpus);

/// <summary>What the directory keeps, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeptGpus))]
internal sealed partial class KeptGpusJson : JsonSerializerContext;
