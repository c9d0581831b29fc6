using Monitoring.Simulator.Model;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <summary>Writes the first content of a node's state: the profile, and what makes each GPU itself.</summary>
internal static class NodeBirth
{
    /// <summary>Pids of the workload's processes begin here, high enough to be nobody's on most machines.</summary>
    private const uint FirstPid = 3_000_000;

    public static void Fill(NodeProfile profile, int gpuCount, int seed, ulong nowMicroseconds, ref NodeState node)
    {
        node.GpuCount = (uint)gpuCount;
        node.NvmlHeaderVersion = profile.HeaderVersion;
        node.FieldNumbering = profile.FieldNumbering;
        node.CudaDriverVersion = profile.CudaVersion;
        StateText.Set(node.DriverVersion, profile.DriverVersion);
        StateText.Set(node.NvmlVersion, profile.NvmlVersion);
        StateText.Set(node.DriverBranch, $"r{profile.DriverVersion.Split('.')[0]}_00");
        Span<GpuState> gpus = node.Gpus;
        for (var index = 0; index < gpuCount; index++)
        {
            gpus[index] = profile.Template(index);
            Personalize(profile, index, seed, nowMicroseconds, ref gpus[index]);
        }
    }

    /// <summary>UUIDs of the profile hold for seed 0 alone: two nodes of one profile must not share them.</summary>
    private static void Personalize(NodeProfile profile, int index, int seed, ulong nowMicroseconds, ref GpuState state)
    {
        var noise = new DeterministicNoise(((ulong)(uint)seed << 32) + (ulong)index);
        state.UpdatedMicroseconds = nowMicroseconds;
        var uuid = NewUuid(noise);
        if (seed != 0 || state.Uuid[0] == 0) StateText.Set(state.Uuid, $"GPU-{uuid}");
        Span<MigState> instances = state.Mig;
        for (var mig = 0; mig < instances.Length; mig++)
        {
            var migUuid = NewUuid(noise);
            if (instances[mig].Present == 1 && (seed != 0 || instances[mig].Uuid[0] == 0)) StateText.Set(instances[mig].Uuid, $"MIG-{migUuid}");
        }
        var serial = StateText.Get(state.Serial);
        if (serial.Length == 0 || seed != 0 || index >= profile.DescribedGpus) StateText.Set(state.Serial, $"16{noise.NextBits() % 100_000_000_000:00000000000}");
        if (state.DeviceIdentifier == Absent.Wide) state.DeviceIdentifier = noise.NextBits() | 1;
        if (state.BoardId == Absent.Value) state.BoardId = state.PciBus << 8 | state.PciDevice;
        if (state.ModuleId == IdentityPart.NotSaid) state.ModuleId = (uint)index + 1;
        if (state.EnergyMillijoules == 0) state.EnergyMillijoules = noise.NextBits() % 50_000_000_000;
        if (profile.Simulation.Workload != Workload.Idle && state.ProcessCount == 0) StartWorkload(profile, index, nowMicroseconds, ref state);
    }

    private static void StartWorkload(NodeProfile profile, int index, ulong nowMicroseconds, ref GpuState state)
    {
        var isMig = state.MigModeCurrent == 1 && state.Mig[0].Present == 1;
        var memory = isMig ? state.Mig[0].MemoryTotalBytes : state.MemoryTotalBytes;
        ref var process = ref state.Processes[0];
        process.Pid = FirstPid + (uint)index;
        process.Kinds = 1;
        process.IsRunning = 1;
        process.GpuInstanceId = isMig ? state.Mig[0].GpuInstanceId : ProcessesPart.NoInstance;
        process.ComputeInstanceId = isMig ? state.Mig[0].ComputeInstanceId : ProcessesPart.NoInstance;
        process.MemoryBytes = process.MemoryMaxBytes = (ulong)(memory * profile.Simulation.MemoryShareAtLoad) & ~0xfffffUL;
        process.StartedMicroseconds = nowMicroseconds;
        StateText.Set(process.Name, profile.Simulation.ProcessName);
        state.ProcessCount = 1;
    }

    private static string NewUuid(DeterministicNoise noise)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, noise.NextBits());
        BitConverter.TryWriteBytes(bytes[8..], noise.NextBits());
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
