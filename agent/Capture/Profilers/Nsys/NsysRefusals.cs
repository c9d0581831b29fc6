using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>What nsys says when it cannot have the GPU's counters, as refusals.</summary>
internal static class NsysRefusals
{
    /// <summary>Texts of the program: <c>GPU Metrics sampling hardware unit is already in use by another instance of Nsight Systems or other tool.</c></summary>
    private static readonly string[] Busy = ["is already in use by another instance", "NVPA_STATUS_RESOURCE_UNAVAILABLE", "Already under profiling"];

    /// <summary>Texts of the program where the driver keeps counters for administrators, or closes them to everyone.</summary>
    private static readonly string[] Closed = ["ERR_NVGPUCTRPERM", "does not have permission to access NVIDIA", "Insufficient privilege", "Confidential Compute mode", "Protected Memory mode"];

    /// <summary>The refusal that a text of nsys means, with what to do; null for any other text.</summary>
    internal static ProfilerAbility? Read(string text, string version)
    {
        if (Busy.Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase)))
            return new ProfilerAbility(false, CaptureRefusal.PerfmonBusy, "another profiler holds the GPU's performance counters (nsys, ncu, or DCGM's profiling metrics): end it, or pause DCGM's with dcgmi profile --pause", version);
        return Closed.Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase))
            ? new ProfilerAbility(false, CaptureRefusal.ProfilerUnable, "the driver keeps the GPU's performance counters from this user: run the agent as root, or load the driver with NVreg_RestrictProfilingToAdminUsers=0", version)
            : null;
    }
}
