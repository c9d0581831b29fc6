using System.Globalization;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>A thread that calls the driver, as seen from outside: a GPU's lane, or the inventory of the node.</summary>
/// <param name="Gpu">Index of the GPU; <c>node</c> for the inventory, <c>events</c> for the driver's event queue, <c>events-2</c> and on where a GPU holds the one before.</param>
/// <param name="Clock">Times its driver calls.</param>
/// <param name="Watch">Sees calls that do not come back.</param>
/// <param name="ReadIdentity">The GPU that the thread is of; null for none.</param>
/// <param name="ReadRounds">Its rounds.</param>
internal sealed record SupervisedLane(string Gpu, DriverClock Clock, LaneWatch Watch, Func<GpuIdentity?> ReadIdentity, Func<long> ReadRounds)
{
    /// <summary>First word of <see cref="Gpu"/> for the driver's event queue.</summary>
    internal const string Events = "events";

    /// <summary>The GPU that the call in progress concerns, for a thread that calls on behalf of several.</summary>
    internal Func<GpuIdentity?>? ReadHolder { get; init; }

    /// <summary>UUID of the GPU; empty for the inventory, and until the GPU was opened.</summary>
    internal string Uuid => ReadIdentity()?.Uuid ?? "";

    /// <summary>Grows while the thread lives.</summary>
    internal long Rounds => ReadRounds();

    /// <summary>When rounds and driver calls last grew; the supervisor's own.</summary>
    internal long ProgressAt { get; set; }

    /// <summary>The last call that was stuck; the supervisor's own.</summary>
    internal StuckCall? LastStuck { get; set; }

    /// <summary>What their sum was then.</summary>
    internal long ProgressSeen { get; set; } = -1;
}

/// <summary>A driver call that passed its deadline, or came back after it had.</summary>
/// <param name="Gpu">Who made it, as <see cref="SupervisedLane.Gpu"/> says it.</param>
/// <param name="Identity">The GPU; null where the call concerns none, and until the GPU was opened.</param>
/// <param name="Call">Exported name of the function.</param>
/// <param name="Lasted">How long the call has lasted, or lasted at the last look.</param>
/// <param name="IsStuck">False when the call came back.</param>
internal sealed record StuckCall(string Gpu, GpuIdentity? Identity, string Call, TimeSpan Lasted, bool IsStuck);

/// <summary>
/// Every thread of the node that calls the driver. <see cref="Look"/> belongs to the supervisor, which itself never calls the driver;
/// <see cref="All"/> may be read by anyone.
/// </summary>
internal sealed partial class SupervisedLanes(NodeSampler node, SamplingSettings settings, TimeProvider time, ILogger<SupervisedLanes> logger)
{
    // Longer than any pause that a healthy thread makes between rounds, the tries to open a GPU (10 s) included.
    private static readonly TimeSpan SilentAtMost = TimeSpan.FromSeconds(10);
    private readonly SupervisedLane inventory = new("node", node.Clock, new LaneWatch(node.Clock, settings.CallDeadline), static () => null, () => node.Rounds);
    private GpuLane[] known = [];
    private EventLane[] knownEvents = [];
    private SupervisedLane[] all = [];

    /// <summary>Told of every call that became stuck or came back; called by the supervisor, must return at once.</summary>
    internal Action<StuckCall>? Listener { get; set; }

    /// <summary>The inventory, a lane per GPU, and the lane of the driver's events.</summary>
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
                    lane.LastStuck = new StuckCall(lane.Gpu, lane.ReadIdentity() ?? lane.ReadHolder?.Invoke(), NvmlLibrary.SymbolOf(lane.Watch.Call), lane.Watch.Stuck, IsStuck: true);
                    Listener?.Invoke(lane.LastStuck);
                    break;
                case LaneChange.Recovered:
                    LogRecovered(lane.Gpu, lane.Uuid);
                    TellItCameBack(lane);
                    break;
                case LaneChange.None when lane.Watch.Stuck is var lasted && lasted > TimeSpan.Zero && lane.LastStuck is { } stuck:
                    lane.LastStuck = stuck with { Lasted = lasted };
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

    private void TellItCameBack(SupervisedLane lane)
    {
        if (lane.LastStuck is { } stuck) Listener?.Invoke(stuck with { Identity = stuck.Identity ?? lane.ReadIdentity(), IsStuck = false });
    }

    private void Follow()
    {
        var now = node.Lanes;
        var events = node.EventLanes;
        if (all.Length > 0 && ReferenceEquals(now, known) && ReferenceEquals(events, knownEvents)) return;
        // A lane that stays keeps its watch: what it was stuck in before is not told again.
        var before = all;
        known = now;
        knownEvents = events;
        List<SupervisedLane> next = [inventory];
        foreach (var lane in now)
            next.Add(Kept(lane.Clock) ?? new SupervisedLane(lane.Index.ToString(CultureInfo.InvariantCulture), lane.Clock,
                new LaneWatch(lane.Clock, settings.CallDeadline), () => lane.Identity, () => lane.Ticks));
        // A wait that nothing ends lasts as long as it may, which is no sign of trouble.
        foreach (var lane in events)
            next.Add(Kept(lane.Clock) ?? new SupervisedLane(NameOfEvents(next), lane.Clock,
                new LaneWatch(lane.Clock, settings.CallDeadline + EventLane.WaitAtMost), static () => null, () => lane.Rounds) { ReadHolder = () => lane.Registering });
        foreach (var gone in before.Except(next))
            if (gone.Watch.Look() == LaneChange.Recovered) TellItCameBack(gone);
        Volatile.Write(ref all, [.. next]);

        SupervisedLane? Kept(DriverClock clock) => Array.Find(before, lane => ReferenceEquals(lane.Clock, clock));
    }

    // Those that are kept come first: they are older.
    private static string NameOfEvents(List<SupervisedLane> taken)
    {
        var name = SupervisedLane.Events;
        for (var number = 2; taken.Exists(lane => lane.Gpu == name); number++) name = string.Create(CultureInfo.InvariantCulture, $"{SupervisedLane.Events}-{number}");
        return name;
    }

    [LoggerMessage(EventId = 1200, Level = LogLevel.Warning,
        Message = "GPU {Gpu} ({Uuid}) is stuck: {Call} has not come back for {StuckSeconds} s. The other GPUs go on.")]
    private partial void LogStuck(string gpu, string uuid, string call, double stuckSeconds);

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "GPU {Gpu} ({Uuid}) answers again.")]
    private partial void LogRecovered(string gpu, string uuid);
}
