using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Agent.Devices;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// The counts of every GPU that this node has had, which outlive lanes, drivers and the agent. In a file: what was counted by UUID,
/// metric and labels, and the boot in which the driver said so, since another boot begins at 0; and how many GPUs there were at most.
/// </summary>
internal sealed class CounterLedger(TimeProvider time)
{
    /// <summary>Boards of a node, replaced ones included; the one that was away the longest is forgotten first.</summary>
    internal const int GpusAtMost = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (GpuCounts Counts, DateTimeOffset Seen)> gpus = new(StringComparer.Ordinal);

    private int mostDevices = Unknown;
    private bool isMostUnsaved;
    private const int Unknown = -1;

    /// <summary>The most GPUs that were on the PCI bus at once; null until they were counted.</summary>
    internal int? MostDevices => Volatile.Read(ref mostDevices) is var most and not Unknown ? most : null;

    /// <summary>Takes how many GPUs are on the PCI bus.</summary>
    internal void SeeDevices(int onBus)
    {
        lock (gate)
            if (onBus > mostDevices) Keep(onBus);
    }

    /// <summary>From now on so many GPUs are all that there are, however many there were.</summary>
    internal void SettleDevices(int onBus)
    {
        lock (gate)
            if (onBus != mostDevices) Keep(onBus);
    }

    /// <summary>True when something should be saved at once (<see cref="PersistentCount.IsUrgent"/>).</summary>
    internal bool IsUrgent => Volatile.Read(ref isMostUnsaved) || Current().Any(static gpu => gpu.Counts.All.Any(static count => count.Value.IsUrgent));

    /// <summary>The counts of a GPU for a lane that begins; whoever had them before keeps a copy that nobody looks at.</summary>
    internal GpuCounts Attach(string uuid)
    {
        if (uuid.Length == 0) return new GpuCounts();
        lock (gate)
        {
            var counts = gpus.TryGetValue(uuid, out var before) ? before.Counts.Copy() : new GpuCounts();
            gpus[uuid] = (counts, time.GetUtcNow());
            if (gpus.Count > GpusAtMost) gpus.Remove(gpus.MinBy(static gpu => gpu.Value.Seen).Key);
            return counts;
        }
    }

    /// <summary>What to save.</summary>
    /// <param name="bootId">This boot, as the kernel calls it.</param>
    /// <param name="untilNext">Time until the next saving; zero for the last one.</param>
    internal byte[] Save(string bootId, TimeSpan untilNext) => JsonSerializer.SerializeToUtf8Bytes(new LedgerFile(bootId,
    [
        .. Current().Select(gpu => new LedgerGpu(gpu.Uuid, gpu.Seen, gpu.Counts.All.Where(static count => count.Value.State.Source != CountSource.None).ToDictionary(static count => count.Key, count => count.Value.Save(untilNext.TotalSeconds)))),
    ], TakeMostDevices()), LedgerJson.Default.LedgerFile);

    /// <summary>Takes up what was saved.</summary>
    /// <exception cref="JsonException">It is not what <see cref="Save"/> gives.</exception>
    internal void Restore(ReadOnlySpan<byte> saved, string bootId)
    {
        var file = JsonSerializer.Deserialize(saved, LedgerJson.Default.LedgerFile) ?? throw new JsonException("null are no counters");
        lock (gate)
        {
            if (file.MostDevices is { } most && most > mostDevices) Volatile.Write(ref mostDevices, most);
            foreach (var gpu in file.Gpus.OrderByDescending(static gpu => gpu.Seen).Take(GpusAtMost))
            {
                var counts = new GpuCounts();
                foreach (var (name, state) in gpu.Counts) counts.Restore(name, file.BootId == bootId ? state : state with { Carried = state.Value, Last = 0 });
                gpus.TryAdd(gpu.Uuid, (counts, gpu.Seen));
            }
        }
    }

    private void Keep(int most)
    {
        Volatile.Write(ref mostDevices, most);
        Volatile.Write(ref isMostUnsaved, true);
    }

    private int? TakeMostDevices()
    {
        Volatile.Write(ref isMostUnsaved, false);
        return MostDevices;
    }

    private List<(string Uuid, GpuCounts Counts, DateTimeOffset Seen)> Current()
    {
        lock (gate) return [.. gpus.Select(static gpu => (gpu.Key, gpu.Value.Counts, gpu.Value.Seen))];
    }
}

/// <summary>The file of the ledger.</summary>
/// <param name="MostDevices">The most GPUs on the PCI bus; null where they were never counted, or by a version that did not keep it.</param>
internal sealed record LedgerFile(string BootId, IReadOnlyList<LedgerGpu> Gpus, int? MostDevices = null);

/// <summary>What the file says of a GPU.</summary>
/// <param name="Seen">When a lane of it last began.</param>
internal sealed record LedgerGpu(string Uuid, DateTimeOffset Seen, IReadOnlyDictionary<string, CountState> Counts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(LedgerFile))]
internal sealed partial class LedgerJson : JsonSerializerContext;
