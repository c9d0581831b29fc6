using System.Globalization;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>A thread that calls the driver, as seen from outside: a GPU's lane, or the inventory of the node.</summary>
/// <param name="Gpu">Index of the GPU; <c>node</c> for the inventory.</param>
/// <param name="Clock">Times its driver calls.</param>
/// <param name="Watch">Sees calls that do not come back.</param>
internal sealed record SupervisedLane(string Gpu, DriverClock Clock, LaneWatch Watch, Func<string> ReadUuid, Func<long> ReadRounds)
{
    /// <summary>UUID of the GPU; empty for the inventory, and until the GPU was opened.</summary>
    internal string Uuid => ReadUuid();

    /// <summary>Grows while the thread lives.</summary>
    internal long Rounds => ReadRounds();

    /// <summary>When rounds and driver calls last grew; the supervisor's own.</summary>
    internal long ProgressAt { get; set; }

    /// <summary>What their sum was then.</summary>
    internal long ProgressSeen { get; set; } = -1;
}

/// <summary>
/// Every thread of the node that calls the driver. <see cref="Look"/> belongs to the supervisor, which itself never calls the driver;
/// <see cref="All"/> may be read by anyone.
/// </summary>
internal sealed partial class SupervisedLanes(NodeSampler node, SamplingSettings settings, TimeProvider time, ILogger<SupervisedLanes> logger)
{
    // Longer than any pause that a healthy thread makes between rounds, the tries to open a GPU (10 s) included.
    private static readonly TimeSpan SilentAtMost = TimeSpan.FromSeconds(10);
    private readonly SupervisedLane inventory = new("node", node.Clock, new LaneWatch(node.Clock, settings.CallDeadline), static () => "", () => node.Rounds);
    private GpuLane[] known = [];
    private SupervisedLane[] all = [];

    /// <summary>The inventory and a lane per GPU.</summary>
    internal IReadOnlyList<SupervisedLane> All => Volatile.Read(ref all);

    /// <summary>
    /// Says what became stuck or recovered since the last look. True when every thread either makes progress or waits inside the
    /// driver: a wedged driver is to be shown, and restarting the agent would not mend it; a thread of ours that stands still is our
    /// fault, and a restart does.
    /// </summary>
    internal bool Look()
    {
        Follow();
        var alive = true;
        foreach (var lane in all)
        {
            switch (lane.Watch.Look())
            {
                case LaneChange.BecameStuck:
                    LogStuck(lane.Gpu, lane.Uuid, NvmlLibrary.SymbolOf(lane.Watch.Call), lane.Watch.Stuck.TotalSeconds);
                    break;
                case LaneChange.Recovered:
                    LogRecovered(lane.Gpu, lane.Uuid);
                    break;
            }
            alive &= MakesProgress(lane) || lane.Clock.InProgress > TimeSpan.Zero;
        }
        return alive;
    }

    /// <summary>One line for <c>systemctl status</c>.</summary>
    internal string Summary()
    {
        if (node.Trouble.Length > 0) return "No GPU can be read: " + node.Trouble;
        var stuck = all.Where(static lane => lane.Watch.Stuck > TimeSpan.Zero).ToArray();
        var gpus = string.Create(CultureInfo.InvariantCulture, $"{node.Lanes.Length} GPUs every {settings.FastInterval.TotalMilliseconds:0} ms, driver {node.DriverVersion}");
        return stuck.Length == 0 ? gpus : gpus + "; stuck: " + string.Join(", ", stuck.Select(static lane =>
            string.Create(CultureInfo.InvariantCulture, $"GPU {lane.Gpu} in {NvmlLibrary.SymbolOf(lane.Watch.Call)} for {lane.Watch.Stuck.TotalSeconds:0} s")));
    }

    private bool MakesProgress(SupervisedLane lane)
    {
        var now = time.GetTimestamp();
        // A slow driver may take long over one round, and this may look between two of its calls.
        var progress = lane.Rounds + lane.Clock.Calls;
        if (progress != lane.ProgressSeen)
        {
            lane.ProgressSeen = progress;
            lane.ProgressAt = now;
        }
        return time.GetElapsedTime(lane.ProgressAt, now) <= SilentAtMost + settings.SlowInterval;
    }

    private void Follow()
    {
        var now = node.Lanes;
        if (all.Length > 0 && ReferenceEquals(now, known)) return;
        known = now;
        Volatile.Write(ref all, [inventory, .. now.Select(lane => new SupervisedLane(
            lane.Index.ToString(CultureInfo.InvariantCulture), lane.Clock, new LaneWatch(lane.Clock, settings.CallDeadline),
            () => lane.Identity?.Uuid ?? "", () => lane.Ticks))]);
    }

    [LoggerMessage(EventId = 1200, Level = LogLevel.Warning,
        Message = "GPU {Gpu} ({Uuid}) is stuck: {Call} has not come back for {StuckSeconds} s. The other GPUs go on.")]
    private partial void LogStuck(string gpu, string uuid, string call, double stuckSeconds);

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "GPU {Gpu} ({Uuid}) answers again.")]
    private partial void LogRecovered(string gpu, string uuid);
}
