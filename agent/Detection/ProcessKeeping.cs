using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// Keeps in the journal which processes use the GPUs, so that one that the kernel killed while the agent was away still finds its GPU:
/// the line about it is read before the driver is asked, and the driver would not name it any more. Within one boot only. The thread of
/// detection keeps, anyone may ask.
/// </summary>
/// <param name="bootId">This boot; empty, where it is not known, keeps nothing.</param>
internal sealed class ProcessKeeping(IEventJournal journal, string bootId, TimeProvider time)
{
    /// <summary>How often it is looked for changes, and written at most: processes come and go, and the journal is for events.</summary>
    internal static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private const string StateName = "gpu_processes";
    private const int MostGpus = 64;
    private const int MostProcesses = 1024; // of all GPUs, some ten kilobytes
    private const long NotYet = long.MinValue;

    private readonly Dictionary<string, KeptUsers> users = new(StringComparer.Ordinal);
    private readonly Dictionary<long, GpuReference> before = []; // as the life before left it
    private readonly long[] seen = new long[ProcessTrail.Most];
    private long? lookedAt;
    private long readAt = NotYet;
    private bool isNew;

    /// <summary>Goes on from what was kept; before anybody asks. What cannot be read is as nothing, and so is what was kept in another boot.</summary>
    internal void Restore()
    {
        if (bootId.Length == 0 || journal.State(StateName) is not { } state || Read(state) is not { Gpus: { } gpus } kept || kept.BootId != bootId) return;
        foreach (var one in gpus)
        {
            if (one is not { Gpu: { Uuid.Length: > 0, Serial: not null, PciBusId: not null } gpu, Pids: { } pids } || users.Count == MostGpus) continue;
            users[gpu.Uuid] = one;
            // Of a process that uses several, the first counts, as it does for one that is there.
            foreach (var pid in pids) before.TryAdd(pid, gpu);
        }
    }

    /// <summary>
    /// The GPU that a process used when the agent ended; null for none. Says so until the processes of this life were read, and as much
    /// longer as one that is gone is remembered: then the pid may be another's.
    /// </summary>
    internal GpuReference? GpuBefore(long pid) =>
        Volatile.Read(ref readAt) is var since && since != NotYet && time.GetElapsedTime(since) > ProcessTrail.Lasts ? null : before.GetValueOrDefault(pid);

    /// <summary>Keeps what changed, where it is due; to be called every second or so. Allocates nothing while nothing changes.</summary>
    /// <param name="isLast">It is due: the agent ends.</param>
    internal void Look(LaneFrames[] lanes, bool isLast = false)
    {
        if (!isLast && lookedAt is { } last && time.GetElapsedTime(last) < LookInterval) return;
        lookedAt = time.GetTimestamp();
        foreach (var lane in lanes)
        {
            // While nothing is read of it, what was kept before says more.
            if (lane is { Subject: { } gpu, Lane.Sampler: { } sampler } && sampler.Samples(Tier.Medium) > 0)
                Note(gpu.Reference, seen.AsSpan(0, sampler.Trail.CopySeen(ProcessTrail.Lasts, seen)));
        }
        Keep();
    }

    /// <summary>Takes note of the processes that a GPU has or had a moment ago.</summary>
    /// <param name="pids">Their ids; are put in order.</param>
    internal void Note(GpuReference gpu, Span<long> pids)
    {
        if (readAt == NotYet) Volatile.Write(ref readAt, time.GetTimestamp());
        pids.Sort();
        var isKnown = users.TryGetValue(gpu.Uuid, out var known);
        if (isKnown ? known!.Gpu == gpu && pids.SequenceEqual(known.Pids) : pids.IsEmpty || gpu.Uuid.Length == 0 || users.Count == MostGpus) return;
        users[gpu.Uuid] = new KeptUsers(gpu, pids.ToArray());
        isNew = true;
    }

    /// <summary>Writes what is new.</summary>
    internal void Keep()
    {
        if (!isNew || bootId.Length == 0) return;
        isNew = false;
        var room = MostProcesses;
        List<KeptUsers> kept = [];
        foreach (var one in users.Values.OrderBy(static one => one.Gpu.Index))
        {
            var count = Math.Min(room, one.Pids.Length);
            if (count == 0) continue;
            kept.Add(one with { Pids = one.Pids[..count] });
            room -= count;
        }
        journal.AppendState(StateName, JsonSerializer.SerializeToElement(new KeptProcesses(bootId, [.. kept]), KeptProcessesJson.Default.KeptProcesses));
    }

    private static KeptProcesses? Read(JsonElement state)
    {
        try
        {
            return state.Deserialize(KeptProcessesJson.Default.KeptProcesses);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The processes of a boot's GPUs.</summary>
internal sealed record KeptProcesses(string BootId, KeptUsers[] Gpus);

/// <summary>The processes of a GPU, in rising order.</summary>
internal sealed record KeptUsers(GpuReference Gpu, long[] Pids);

/// <summary>What is kept of processes, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeptProcesses))]
internal sealed partial class KeptProcessesJson : JsonSerializerContext;
