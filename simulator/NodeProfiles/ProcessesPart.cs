using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>Processes that use the GPU from the start.</summary>
internal static class ProcessesPart
{
    public const uint NoInstance = uint.MaxValue;

    public static void Read(ProfileSection gpu, ref GpuState state)
    {
        Span<ProcessState> processes = state.Processes;
        foreach (var item in gpu.Items("processes"))
        {
            if (state.ProcessCount == StateFile.ProcessLimit)
            {
                gpu.Error("processes", $"at most {StateFile.ProcessLimit} processes");
                return;
            }
            ref var process = ref processes[(int)state.ProcessCount++];
            process.Pid = item.UInt("pid", 1000 + state.ProcessCount, 4_194_304);
            process.Kinds = item.OneOf("type", 1u, 1u, ("compute", 1u), ("C", 1u), ("graphics", 2u), ("G", 2u), ("mps", 4u), ("M+C", 4u));
            process.MemoryBytes = item.Has("used_memory_mib") ? item.Wide("used_memory_mib", 0, 1 << 24) << 20 : item.Wide("used_memory_bytes", 0);
            process.MemoryMaxBytes = process.MemoryBytes;
            process.GpuInstanceId = item.UInt("gpu_instance_id", NoInstance);
            process.ComputeInstanceId = item.UInt("compute_instance_id", NoInstance);
            process.IsRunning = 1;
            StateText.Set(process.Name, item.Text("name", item.Text("process_name", "python"), 127));
        }
    }
}
