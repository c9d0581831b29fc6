using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>Where the values of one GPU lie among its node's values; -1 where the GPU has no such series.</summary>
internal sealed class GpuSlots(string cluster, string model, string identity)
{
    // Not a throttle that anyone must see to: the GPU has little to do.
    private const string IdleReason = "low_utilization";

    private readonly List<int> throttleReasons = [];

    /// <summary>Its cluster; empty where no sender said.</summary>
    public string Cluster => cluster;

    /// <summary>Its model, from gpu_info.</summary>
    public string Model => model;

    /// <summary>What tells it from every other GPU: node and uuid.</summary>
    public string Identity => identity;

    /// <summary>gpu_power_watts.</summary>
    public int Power { get; private set; } = -1;

    /// <summary>gpu_energy_joules_total.</summary>
    public int Energy { get; private set; } = -1;

    /// <summary>gpu_utilization_ratio.</summary>
    public int Utilization { get; private set; } = -1;

    /// <summary>gpu_memory_used_bytes.</summary>
    public int MemoryUsed { get; private set; } = -1;

    /// <summary>gpu_memory_total_bytes.</summary>
    public int MemoryTotal { get; private set; } = -1;

    /// <summary>gpu_throttle_active, each reason but the idle one.</summary>
    public IReadOnlyList<int> ThrottleReasons => throttleReasons;

    /// <summary>Finds the GPUs of a node. A GPU is what has a gpu_info or any of the series above; MIG instances are parts of one and left out.</summary>
    public static List<GpuSlots> Find(string node, NodeLayout layout)
    {
        var models = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new List<(string Family, Dictionary<string, string> Labels, string Gpu, int Slot)>();
        foreach (var family in layout.Families)
        {
            if (!IsWanted(family.Family.Name)) continue;
            foreach (var line in family.Lines)
            {
                var labels = LabelSet.Parse(line.Prefix);
                var gpu = labels.GetValueOrDefault("uuid") ?? labels.GetValueOrDefault("gpu");
                if (gpu is null || labels.ContainsKey("mig_gi") || labels.ContainsKey("mig_profile")) continue;
                if (family.Family.Name == "gpu_info" && labels.TryGetValue("model", out var model)) models[gpu] = model;
                found.Add((family.Family.Name, labels, gpu, line.Slot));
            }
        }

        var gpus = new Dictionary<string, GpuSlots>(StringComparer.Ordinal);
        foreach (var (family, labels, gpu, slot) in found)
        {
            if (!gpus.TryGetValue(gpu, out var slots))
                gpus[gpu] = slots = new GpuSlots(labels.GetValueOrDefault("cluster") ?? "", models.GetValueOrDefault(gpu, "unknown"), node + "\0" + gpu);
            slots.Take(family, labels, slot);
        }

        return [.. gpus.Values];
    }

    private static bool IsWanted(string family) => family is "gpu_info" or "gpu_power_watts" or "gpu_energy_joules_total" or "gpu_utilization_ratio"
        or "gpu_memory_used_bytes" or "gpu_memory_total_bytes" or "gpu_throttle_active";

    private void Take(string family, Dictionary<string, string> labels, int slot)
    {
        switch (family)
        {
            case "gpu_power_watts": Power = slot; break;
            case "gpu_energy_joules_total": Energy = slot; break;
            case "gpu_utilization_ratio": Utilization = slot; break;
            case "gpu_memory_used_bytes": MemoryUsed = slot; break;
            case "gpu_memory_total_bytes": MemoryTotal = slot; break;
            case "gpu_throttle_active" when labels.GetValueOrDefault("reason") != IdleReason: throttleReasons.Add(slot); break;
        }
    }
}
