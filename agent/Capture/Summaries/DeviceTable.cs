namespace Monitoring.Agent.Capture.Summaries;

/// <summary>The GPUs of a report by the profiler's number.</summary>
internal sealed class DeviceTable
{
    /// <summary>GPUs and MIG instances of one node, with room; numbers beyond come from damage.</summary>
    private const int DevicesAtMost = 128;

    private readonly SortedDictionary<long, DeviceActivity> devices = [];

    internal IReadOnlyCollection<DeviceActivity> All => devices.Values;

    /// <summary>The GPU of a number; null where it can be none.</summary>
    internal DeviceActivity? Of(long number)
    {
        if (devices.TryGetValue(number, out var known)) return known;
        if (number is < 0 or > ushort.MaxValue || devices.Count >= DevicesAtMost) return null;
        return devices[number] = new DeviceActivity((int)number);
    }

    /// <summary>The GPU of a number, where something ran on it.</summary>
    internal DeviceActivity? Find(long number) => devices.GetValueOrDefault(number);
}
