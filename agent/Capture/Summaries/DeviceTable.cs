namespace Monitoring.Agent.Capture.Summaries;

/// <summary>The GPUs of a report by the profiler's number, or by what tells them apart better.</summary>
internal sealed class DeviceTable
{
    /// <summary>GPUs and MIG instances of one node, with room; numbers beyond come from damage.</summary>
    private const int DevicesAtMost = 128;

    private readonly SortedDictionary<long, DeviceActivity> devices = [];

    internal IReadOnlyCollection<DeviceActivity> All => devices.Values;

    /// <summary>The GPU of a number; null where it can be none.</summary>
    internal DeviceActivity? Of(long number) => Of(number, number);

    /// <summary>The same where several GPUs may have the number, each in its process.</summary>
    /// <param name="key">What tells them apart.</param>
    internal DeviceActivity? Of(long number, long key)
    {
        if (devices.TryGetValue(key, out var known)) return known;
        if (number is < 0 or > ushort.MaxValue || devices.Count >= DevicesAtMost) return null;
        return devices[key] = new DeviceActivity((int)number);
    }
}
