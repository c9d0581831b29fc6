using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>What nsys is to record of the whole node.</summary>
/// <param name="Gpus">Value of the option for GPU metrics; null to record none.</param>
/// <param name="HasCpuSamples">True to sample the processors.</param>
internal sealed record NsysSystemPlan(string? Gpus, bool HasCpuSamples)
{
    /// <summary>The first version that does not hang when it samples processors on current kernels.</summary>
    private static readonly Version FirstSampler = new(2023, 1);

    /// <summary>What can be recorded, or why nothing can.</summary>
    /// <param name="gpuHelp">What nsys answered when asked for its GPUs.</param>
    /// <param name="cpuTrouble">Why processors cannot be sampled, one line; empty where they can.</param>
    internal static (NsysSystemPlan? Plan, ProfilerAbility Ability) Of(NsysInstallation installation, CaptureScope? scope, string gpuHelp, string cpuTrouble)
    {
        var gpus = installation.Start.GpuMetrics is null ? [] : NsysGpus.Read(gpuHelp);
        var wantsCpu = scope?.CpuSampling ?? false;
        var cpu = installation.Order < FirstSampler ? $"nsys {installation.Order} hangs when it samples processors: install 2023.4 or newer" : cpuTrouble;
        var plan = new NsysSystemPlan(gpus is [] ? null : NsysGpus.Choice(gpus, scope ?? new CaptureScope([], [], false)), wantsCpu && cpu.Length == 0);
        if (plan.Gpus is null && !plan.HasCpuSamples)
        {
            return (null, NsysRefusals.Read(gpuHelp, installation.Version) ?? new ProfilerAbility(false, CaptureRefusal.ProfilerUnable,
                $"nsys sees no GPU whose metrics it can sample{(wantsCpu ? ", and " + cpu : "; ask for CPU samples to record the processors")}", installation.Version));
        }
        var words = plan.Gpus is null ? "CPU samples; nsys sees no GPU" : plan.HasCpuSamples ? "GPU metrics and CPU samples" : wantsCpu ? $"GPU metrics; {cpu}" : "GPU metrics";
        return (plan, new ProfilerAbility(true, null, words, installation.Version));
    }

    /// <summary>Arguments of <c>nsys start</c>.</summary>
    internal IEnumerable<string> Arguments(NsysInstallation installation, NsysSettings settings, string session, string report) =>
    [
        $"--session-new={session}",
        $"--sample={(HasCpuSamples ? "system-wide" : "none")}",
        $"--cpuctxsw={(HasCpuSamples ? "system-wide" : "none")}",
        .. Gpus is { } gpus && installation.Start.GpuMetrics is { } option ? [$"--{option}={gpus}", .. installation.Start.IfKnown("gpu-metrics-frequency", settings.GpuMetricsHertz.ToString(System.Globalization.CultureInfo.InvariantCulture))] : (string[])[],
        .. installation.Start.IfKnown("discard-environment", "true"),
        "--force-overwrite=true",
        $"--output={report}",
    ];
}
