namespace Monitoring.Agent.Devices.Nvml;

/// <summary>
/// A GPU, or a MIG device of one, that can be asked. Readings answer in base units (watts, bytes, hertz, ratios 0 to 1), NaN for "no
/// value", and say why in <see cref="LastReturn"/>; they never throw. A reading that the driver answers with several values at once
/// is asked once per tick. Owned by one lane: not thread-safe.
/// </summary>
internal sealed partial class NvmlGpu
{
    private readonly NvmlLibrary nvml;
    private readonly NvmlDevice device;
    private readonly DriverClock clock;
    private readonly TimeProvider time;
    private long tick;

    internal NvmlGpu(NvmlLibrary nvml, NvmlDevice device, int index, DriverClock clock, TimeProvider time, NvmlGpu? parent = null, Func<string, GpuCounts>? counts = null)
    {
        this.nvml = nvml;
        this.device = device;
        this.clock = clock;
        this.time = time;
        Parent = parent;
        Errors = parent?.Errors ?? new DriverErrors();
        Identity = ReadIdentity(index);
        // A MIG device has none of the metrics that need them.
        Bind(parent is null && counts is not null ? counts(Identity.Uuid) : new GpuCounts());
        LinkCount = parent is null ? CountLinks() : 0;
        FanCount = parent is null ? CountFans() : 0;
        ReadGpmSupport();
    }

    /// <summary>Who this is; read once, at the start of its lane.</summary>
    internal GpuIdentity Identity { get; }

    /// <summary>The handle that is asked.</summary>
    internal NvmlDevice Device => device;

    /// <summary>The whole GPU of a MIG device; null for a GPU.</summary>
    internal NvmlGpu? Parent { get; }

    /// <summary>Number of NVLinks that exist, up or down; a GPU in MIG mode shows none.</summary>
    internal int LinkCount { get; private set; }

    /// <summary>Number of fans; 0 on a passively cooled board.</summary>
    internal int FanCount { get; }

    /// <summary>Why the last reading is what it is.</summary>
    internal NvmlReturn LastReturn { get; private set; }

    /// <summary>True while the driver answers that the GPU is lost or needs a reset; a lost GPU answers every call so.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>Answers that were neither success nor "absent", by code, MIG instances included; read by others as a counter.</summary>
    internal DriverErrors Errors { get; }

    /// <summary>Starts a new instant: what was asked before is forgotten.</summary>
    internal void BeginTick() => tick++;

    /// <summary>Finds the counts that outlive this lane.</summary>
    private void Bind(GpuCounts counts)
    {
        for (var i = 0; i < eccCounts.Length; i++)
            eccCounts[i] = counts.Of($"gpu_ecc_errors_total {(i < EccLocationNames.Length ? "correctable" : "uncorrectable")} {EccLocationNames[i % EccLocationNames.Length]}");
        for (var i = 0; i < throttleCounts.Length; i++) throttleCounts[i] = counts.Of($"gpu_throttle_seconds_total {(ThrottleReason)i}");
    }

    private bool Ask(NvmlCall call)
    {
        if (!nvml.Exports(call))
        {
            LastReturn = NvmlReturn.FunctionNotFound;
            return false;
        }
        clock.Enter(call);
        return true;
    }

    private bool Told(NvmlReturn code)
    {
        clock.Leave();
        LastReturn = code;
        if (code == NvmlReturn.Success)
        {
            IsLost = false;
            return true;
        }
        if (code is NvmlReturn.GpuIsLost or NvmlReturn.ResetRequired) IsLost = true;
        if (!code.IsAbsent) Errors.Count(code);
        return false;
    }

    /// <summary>A driver's answer that serves several readings of one tick.</summary>
    private struct Answer<T>
    {
        internal long Tick;
        internal NvmlReturn Return;
        internal T Value;
    }

    /// <summary>True when the answer was got in this tick already; restores why it is what it is.</summary>
    private bool Known<T>(ref Answer<T> answer)
    {
        if (answer.Tick != tick) return false;
        LastReturn = answer.Return;
        return true;
    }

    private void Keep<T>(ref Answer<T> answer)
    {
        answer.Tick = tick;
        answer.Return = LastReturn;
    }
}
