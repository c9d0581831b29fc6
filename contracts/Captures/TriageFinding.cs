using Monitoring.Contracts.Events;

namespace Monitoring.Contracts.Captures;

/// <summary>Something that stands out in a summary.</summary>
/// <param name="Code">One of <see cref="TriageCodes"/>.</param>
/// <param name="Words">One sentence with the numbers.</param>
/// <param name="Values">The numbers that it rests on, with the thresholds that they crossed.</param>
public sealed record TriageFinding(string Code, string Words, IReadOnlyList<EventValue> Values)
{
    public IReadOnlyList<EventValue> Values { get; init => field = value ?? []; } = Values ?? [];
}

/// <summary>What triage says; codes are never renamed. docs/capture-summaries.md has what each means.</summary>
public static class TriageCodes
{
    public const string NoGpuWork = "no_gpu_work";
    public const string GpuIdle = "gpu_idle";
    public const string HostWait = "host_wait";
    public const string LaunchBound = "launch_bound";
    public const string NcclBound = "nccl_bound";
    public const string CopyBound = "copy_bound";
    public const string OneKernelDominates = "one_kernel_dominates";
    public const string SpinningKernel = "spinning_kernel";
    public const string UnevenGpus = "uneven_gpus";
    public const string UnevenSteps = "uneven_steps";
    public const string ProfilerTrouble = "profiler_trouble";
    public const string HardwareSlowdown = "hardware_slowdown";
    public const string PowerBraked = "power_braked";
    public const string PowerCapped = "power_capped";
    public const string ThermalSlowdown = "thermal_slowdown";
    public const string StuckCollective = "stuck_collective";
    public const string IdleWithMemory = "idle_with_memory";
    public const string Straggler = "straggler";

    /// <summary>Nothing crossed a threshold.</summary>
    public const string Unremarkable = "unremarkable";
}
