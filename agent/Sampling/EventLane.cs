using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// The thread that waits for the driver's events. It lives as long as the lanes of one attachment to the driver and frees its set
/// itself, so that neither a wait nor a free ever races the other or the shutdown. A GPU is registered only once its own lane has read
/// it: one that hangs from the start blinds its lane, not the events of the others. One that hangs just while it is registered holds
/// this lane, and another takes over (<see cref="EventLanes"/>).
/// </summary>
/// <param name="library">The driver's library.</param>
/// <param name="lanes">The lanes of the GPUs as they are.</param>
/// <param name="holdsALane">True for a GPU that holds a lane of events of before: it is left out.</param>
/// <param name="events">Gets what the driver tells.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets what goes wrong.</param>
internal sealed partial class EventLane(
    NvmlLibrary library, Func<GpuLane[]> lanes, Func<GpuIdentity, bool> holdsALane, DriverEvents events, TimeProvider time, ILogger logger)
{
    /// <summary>How long one wait lasts: short, so that a lane that is asked to end does so soon.</summary>
    internal static readonly TimeSpan WaitAtMost = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RegisterAgain = TimeSpan.FromSeconds(10);

    // A healthy GPU answers in microseconds: one that is inside a call for longer may be about to hang, and waits for its turn.
    private static readonly TimeSpan CallOfHealthyGpu = TimeSpan.FromMilliseconds(100);

    // Far above a healthy GPU, and well below what would cost the node a noticeable part of a core.
    private const int NoisyEventsPerSecondAtMost = 200;

    private NvmlEventSet Set => queue ??= new NvmlEventSet(library, clock);

    private readonly StopSignal stop = new();
    private readonly DriverClock clock = new(time);
    private readonly Dictionary<NvmlDevice, GpuIdentity> registered = [];
    private readonly Dictionary<NvmlDevice, long> refusedAt = [];
    private NvmlEventSet? queue;
    private Thread? thread;
    private NvmlReturn said;
    private DriverEventType wanted = DriverEventTypes.OfGpu;
    private long noisySecond = long.MinValue;
    private int noisy;
    private long rounds;
    private GpuIdentity? registering;
    private NvmlReturn refusal;
    private long emptySince = time.GetTimestamp();
    private string trouble = "";

    /// <summary>Why no event can come, for people; empty while one can.</summary>
    internal string Trouble => Volatile.Read(ref trouble);

    /// <summary>The GPU that is being registered, which is who holds the lane when that call does not come back; null at other times.</summary>
    internal GpuIdentity? Registering => Volatile.Read(ref registering);

    /// <summary>True once the lane was asked to end.</summary>
    internal bool IsAskedToEnd => stop.IsSet;

    /// <summary>Times its driver calls.</summary>
    internal DriverClock Clock => clock;

    /// <summary>Rounds of the loop: a lane that lives makes it grow.</summary>
    internal long Rounds => Volatile.Read(ref rounds);

    /// <summary>True once the lane ended as it was asked to.</summary>
    internal bool HasEnded => stop.IsSet && thread is not { IsAlive: true };

    internal void Start()
    {
        thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "gpu-events" };
        thread.Start();
    }

    /// <summary>Asks the lane to end.</summary>
    internal void AskToEnd() => stop.Set();

    /// <summary>Waits until the lane ended, or as long as <paramref name="patience"/> lasts.</summary>
    internal void WaitForEnd(TimeSpan patience) => thread?.Join(patience);

    private void Run()
    {
        while (!stop.IsSet)
        {
            var pause = PauseAfterError;
            try
            {
                pause = Round();
            }
            catch (Exception fault)
            {
                LogFault(fault);
                Volatile.Write(ref trouble, fault.Message);
            }
            Volatile.Write(ref rounds, rounds + 1);
            if (pause > TimeSpan.Zero) stop.Wait(pause);
        }
        Set.Free();
    }

    /// <summary>Registers who is new and waits for one event; how long to pause before the next round.</summary>
    private TimeSpan Round()
    {
        if (!Set.IsOpen && Set.Create() is var created && created != NvmlReturn.Success) return Failed(created);
        Register();
        // Where that took so long that another lane has taken over, the other tells.
        if (stop.IsSet) return TimeSpan.Zero;
        TellSystemEvents();
        // A wait on an empty set may come back at once.
        if (registered.Count == 0) return Empty();
        emptySince = time.GetTimestamp();
        var code = Set.Wait(WaitAtMost, out var data);
        switch (code)
        {
            case NvmlReturn.Success:
                Tell(data);
                Volatile.Write(ref trouble, "");
                return TimeSpan.Zero;
            case NvmlReturn.Timeout:
                said = NvmlReturn.Success;
                Volatile.Write(ref trouble, "");
                return TimeSpan.Zero;
            case NvmlReturn.GpuIsLost:
                // Every wait on a set with a lost GPU comes back with this. A new set leaves out whoever refuses to be registered.
                Forget();
                return Failed(code);
            default:
                if (code.NeedsInitialization) Forget();
                return Failed(code);
        }
    }

    private void Register()
    {
        var now = time.GetTimestamp();
        foreach (var lane in lanes())
        {
            if (stop.IsSet) return;
            if (lane.Device is not { } device || lane.Identity is not { } identity || registered.ContainsKey(device)) continue;
            if (lane.Ticks == 0 || lane.Clock.InProgress > CallOfHealthyGpu || lane.IsLost || holdsALane(identity)) continue;
            if (refusedAt.TryGetValue(device, out var refused) && time.GetElapsedTime(refused, now) < RegisterAgain) continue;
            Volatile.Write(ref registering, identity);
            var code = Set.Register(device, wanted);
            Volatile.Write(ref registering, null);
            if (code == NvmlReturn.Success) registered.Add(device, identity);
            else
            {
                if (!refusedAt.ContainsKey(device)) LogNotRegistered(identity.Index, identity.Uuid, code.Explanation);
                refusedAt[device] = now;
                refusal = code;
            }
        }
    }

    private void Tell(in NvmlEventData data)
    {
        registered.TryGetValue(data.Device, out var identity);
        var type = (DriverEventType)data.Type;
        if (type == DriverEventType.None) return;
        events.Tell(type, data.Data, identity, Instance(data.GpuInstanceId), Instance(data.ComputeInstanceId), time.GetUtcNow());
        if ((type & DriverEventTypes.Noisy) != 0) CountNoise();
    }

    /// <summary>A storm of events that are only counted is no reason to wake up for each: the set is made anew without them.</summary>
    private void CountNoise()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        noisy = second == noisySecond ? noisy + 1 : 1;
        noisySecond = second;
        if (noisy < NoisyEventsPerSecondAtMost || (wanted & DriverEventTypes.Noisy) == 0) return;
        wanted &= ~DriverEventTypes.Noisy;
        LogNoise(NoisyEventsPerSecondAtMost);
        Forget();
    }

    private void TellSystemEvents()
    {
        foreach (var (type, gpuId) in Set.TakeSystemEvents()) events.Tell(type, gpuId, null, null, null, time.GetUtcNow());
    }

    private void Forget()
    {
        Set.Free();
        registered.Clear();
    }

    private TimeSpan Failed(NvmlReturn code)
    {
        if (code != said) LogNotWaiting(code.Explanation);
        said = code;
        Volatile.Write(ref trouble, code.Explanation);
        return PauseAfterError;
    }

    /// <summary>No GPU is registered: for a moment none has been read yet; after that, or when the driver refused them, it is a trouble.</summary>
    private TimeSpan Empty()
    {
        if (refusal != NvmlReturn.Success) Volatile.Write(ref trouble, $"no GPU tells events: {refusal.Explanation}");
        else if (lanes().Length > 0 && time.GetElapsedTime(emptySince) > RegisterAgain) Volatile.Write(ref trouble, "no GPU tells events: none can be read");
        return WaitAtMost;
    }

    private static int? Instance(uint id) => id == uint.MaxValue ? null : (int)id;

    [LoggerMessage(EventId = 1210, Level = LogLevel.Warning, Message = "The driver's events cannot be read: {Reason}. Trying again.")]
    private partial void LogNotWaiting(string reason);

    [LoggerMessage(EventId = 1211, Level = LogLevel.Warning, Message = "GPU {Gpu} ({Uuid}) tells no events: {Reason}. Trying again every 10 seconds.")]
    private partial void LogNotRegistered(int gpu, string uuid, string reason);

    [LoggerMessage(EventId = 1212, Level = LogLevel.Information, Message = "More than {EventsPerSecond} events a second that are only counted: single-bit ECC, performance state and clock events are no longer asked for.")]
    private partial void LogNoise(int eventsPerSecond);

    [LoggerMessage(EventId = 1213, Level = LogLevel.Error, Message = "Waiting for the driver's events ended in a fault of the agent.")]
    private partial void LogFault(Exception fault);
}
