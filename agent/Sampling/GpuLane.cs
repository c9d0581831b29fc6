using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// The thread that reads one GPU, so that a driver call which does not come back blinds this GPU alone. Everything that touches the
/// GPU, its opening included, happens on that thread.
/// </summary>
internal sealed partial class GpuLane(
    NvmlLibrary library, int index, string cluster, string node, SamplingSettings settings, CounterLedger ledger, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan OpenAgain = TimeSpan.FromSeconds(10);
    private readonly StopSignal stop = new();
    private GpuSampler? sampler;
    private NvmlGpu? gpu;
    private Thread? thread;
    private long ticks;
    private long missed;
    private long faults;
    private NvmlReturn notOpened;
    private long lostSince = NotLost;
    private const long NotLost = long.MinValue;

    /// <summary>NVML index of the GPU.</summary>
    internal int Index => index;

    /// <summary>Times the driver calls of this lane.</summary>
    internal DriverClock Clock { get; } = new(time);

    /// <summary>What it reads; null until the GPU was opened.</summary>
    internal GpuSampler? Sampler => Volatile.Read(ref sampler);

    /// <summary>Who the GPU is; null until it was opened.</summary>
    internal GpuIdentity? Identity => Volatile.Read(ref gpu)?.Identity;

    /// <summary>The GPU's handle; null until it was opened.</summary>
    internal NvmlDevice? Device => Volatile.Read(ref gpu)?.Device;

    /// <summary>True while the driver answers that the GPU is lost or needs a reset.</summary>
    internal bool IsLost => Volatile.Read(ref lostSince) != NotLost;

    /// <summary>How long the driver has answered so; zero while it does not.</summary>
    internal TimeSpan LostFor => Volatile.Read(ref lostSince) is var since && since != NotLost ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Error answers of the driver; null until the GPU was opened.</summary>
    internal DriverErrors? Errors => Volatile.Read(ref gpu)?.Errors;

    /// <summary>Rounds of the loop, tries to open the GPU included: a lane that lives makes it grow.</summary>
    internal long Ticks => Volatile.Read(ref ticks);

    /// <summary>Fast readings that were skipped because the one before took too long.</summary>
    internal long Missed => Volatile.Read(ref missed);

    /// <summary>Readings that ended in a fault of the agent itself.</summary>
    internal long Faults => Volatile.Read(ref faults);

    /// <summary>Starts the thread.</summary>
    internal void Start()
    {
        thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = $"gpu-{index}" };
        thread.Start();
    }

    /// <summary>True once the lane ended as it was asked to.</summary>
    internal bool HasEnded => stop.IsSet && thread is not { IsAlive: true };

    /// <summary>Asks the lane to end.</summary>
    internal void AskToEnd() => stop.Set();

    /// <summary>Waits until the lane ended, or as long as <paramref name="patience"/> lasts: a driver call may hold it.</summary>
    internal void WaitForEnd(TimeSpan patience) => thread?.Join(patience);

    private void Run()
    {
        // Lanes start apart, so that they do not all ask the driver, which has locks of its own, in the same millisecond.
        var next = time.GetTimestamp() + Timestamps(settings.FastInterval) * (index % 16) / 16;
        while (!stop.IsSet)
        {
            var wait = time.GetElapsedTime(time.GetTimestamp(), next);
            if (wait > TimeSpan.Zero && stop.Wait(wait)) break;
            var pause = Round() ? Timestamps(settings.FastInterval) : Timestamps(OpenAgain);
            Volatile.Write(ref ticks, ticks + 1);

            next += pause;
            var late = time.GetTimestamp() - next;
            if (late <= 0) continue;
            var skipped = late / pause + 1;
            next += skipped * pause;
            if (sampler is not null) Volatile.Write(ref missed, missed + skipped);
        }
        sampler?.Release();
    }

    /// <summary>One reading; false where the GPU could not be opened.</summary>
    private bool Round()
    {
        try
        {
            if (sampler is null && !Open())
            {
                FollowLoss(notOpened is NvmlReturn.GpuIsLost or NvmlReturn.ResetRequired);
                return false;
            }
            sampler!.Tick();
            FollowLoss(gpu!.IsLost);
        }
        catch (Exception fault)
        {
            // A fault of ours must cost a reading, not the lane. Said once: it would come back ten times a second.
            if (faults == 0) LogFault(index, fault);
            Volatile.Write(ref faults, faults + 1);
        }
        return true;
    }

    private void FollowLoss(bool isLost)
    {
        if (isLost != IsLost) Volatile.Write(ref lostSince, isLost ? time.GetTimestamp() : NotLost);
    }

    private bool Open()
    {
        Clock.Enter(NvmlCall.DeviceGetHandleByIndex_v2);
        var code = library.DeviceHandle(index, out var device);
        Clock.Leave();
        if (code != NvmlReturn.Success) return NotOpened(code);
        var opened = new NvmlGpu(library, device, index, Clock, time, counts: ledger.Attach);
        if (opened.Identity.Uuid.Length == 0 && opened.Errors.Seen().Select(static seen => seen.Code).FirstOrDefault() is var error && error != NvmlReturn.Success)
        {
            // What is read only now, its name, links and fans, would be missing for good.
            opened.ReleaseGpm();
            return NotOpened(error);
        }
        Volatile.Write(ref gpu, opened);
        Volatile.Write(ref sampler, new GpuSampler(opened, cluster, node, settings, time));
        LogOpened(index, opened.Identity.Uuid, opened.Identity.Model, opened.Identity.PciBusId);
        return true;
    }

    private bool NotOpened(NvmlReturn code)
    {
        if (code != notOpened) LogNotOpened(index, code.Explanation);
        notOpened = code;
        return false;
    }

    private long Timestamps(TimeSpan interval) => (long)(interval.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(EventId = 1100, Level = LogLevel.Information, Message = "GPU {Gpu} is {Uuid}, {Model} at {PciBusId}.")]
    private partial void LogOpened(int gpu, string uuid, string model, string pciBusId);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "GPU {Gpu} cannot be opened: {Reason}. Trying again every 10 seconds.")]
    private partial void LogNotOpened(int gpu, string reason);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "Reading GPU {Gpu} ended in a fault of the agent; further ones are only counted.")]
    private partial void LogFault(int gpu, Exception fault);
}
