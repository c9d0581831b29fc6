using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>What NCCL took of the GPUs' time.</summary>
internal static class NcclShare
{
    /// <summary>The summary; null where no kernel of NCCL ran.</summary>
    /// <param name="kernels">Kernels by name.</param>
    internal static NcclSummary? Of(IEnumerable<KeyValuePair<string, DurationTally>> kernels, long kernelTotal, IReadOnlyCollection<DeviceActivity> devices, long from, long to)
    {
        var all = new DurationTally();
        var collectives = new SortedDictionary<string, DurationTally>(StringComparer.Ordinal);
        foreach (var (name, tally) in kernels)
        {
            if (!KernelNames.IsNccl(name)) continue;
            var collective = KernelNames.Collective(name);
            if (!collectives.TryGetValue(collective, out var known)) collectives.Add(collective, known = new DurationTally());
            known.Add(tally);
            all.Add(tally);
        }
        if (all.Count == 0) return null;
        var exposed = Nanoseconds.ToSeconds(devices.Sum(device => device.ExposedNccl(from, to)));
        return new NcclSummary(
            all.Count, Nanoseconds.ToSeconds(all.Total), kernelTotal == 0 ? 0 : (double)all.Total / kernelTotal, exposed,
            to > from && devices.Count > 0 ? exposed / Nanoseconds.ToSeconds(to - from) / devices.Count : null,
            [.. collectives.OrderByDescending(static pair => pair.Value.Total).Select(pair => TallyTable<string>.Row(pair.Key, "", pair.Value, all.Total))]);
    }
}
