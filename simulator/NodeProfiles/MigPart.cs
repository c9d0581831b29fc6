using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>MIG mode, the profiles of the board, and the instances that exist.</summary>
internal static class MigPart
{
    private static readonly (string, uint)[] Slots =
    [
        ("1_slice", 0), ("2_slice", 1), ("3_slice", 2), ("4_slice", 3), ("7_slice", 4), ("8_slice", 5), ("6_slice", 6), ("1_slice_rev1", 7),
        ("2_slice_rev1", 8), ("1_slice_rev2", 9), ("1_slice_gfx", 10), ("2_slice_gfx", 11), ("4_slice_gfx", 12), ("1_slice_no_me", 13),
        ("2_slice_no_me", 14), ("1_slice_all_me", 15), ("2_slice_all_me", 16), ("3_slice_gfx", 17),
    ];

    public static void Read(ProfileSection gpu, ref GpuState state)
    {
        var mig = gpu.Section("mig");
        state.MigMax = mig.UInt("max_gpu_instances", 0, StateFile.MigLimit);
        state.MigModeCurrent = state.MigMax == 0 ? Absent.Value : mig.Mode("mode_current", 0);
        state.MigModePending = state.MigMax == 0 ? Absent.Value : mig.Mode("mode_pending", state.MigModeCurrent);
        if (state.MigMax == 0)
        {
            _ = mig.Mode("mode_current", 0);
            _ = mig.Mode("mode_pending", 0);
        }
        var names = ReadProfiles(mig, ref state);
        var instances = mig.Items("instances");
        if (instances.Count > state.MigMax) mig.Error("instances", $"at most {state.MigMax} instances (max_gpu_instances)");
        foreach (var (index, instance) in instances.Take((int)state.MigMax).Index()) ReadInstance(instance, index, names, ref state);
    }

    private static Dictionary<string, int> ReadProfiles(ProfileSection mig, ref GpuState state)
    {
        var names = new Dictionary<string, int>();
        Span<MigProfileState> profiles = state.MigProfiles;
        foreach (var item in mig.Items("profiles"))
        {
            var slot = (int)item.OneOf("slot", uint.MaxValue, uint.MaxValue, Slots);
            if (slot < 0) continue;
            ref var profile = ref profiles[slot];
            var name = item.Text("name", "");
            profile.Present = 1;
            StateText.Set(profile.Name, $"MIG {name}");
            profile.Id = item.UInt("id", 0, 255);
            profile.Slices = item.UInt("slices", 1, 8);
            profile.Instances = item.UInt("instances", 1, StateFile.MigLimit);
            profile.Multiprocessors = item.UInt("multiprocessors", 0, 1000);
            profile.CopyEngines = item.UInt("copy_engines", 0, 64);
            profile.Decoders = item.UInt("decoders", 0, 64);
            profile.Encoders = item.UInt("encoders", 0, 64);
            profile.Jpegs = item.UInt("jpegs", 0, 64);
            profile.Ofas = item.UInt("ofas", 0, 64);
            profile.MemoryMebibytes = item.Wide("memory_mib", 0, 1 << 24);
            profile.PlacementSize = item.UInt("placement_size", profile.Slices, 8);
            names[name] = slot;
        }
        return names;
    }

    private static void ReadInstance(ProfileSection item, int index, Dictionary<string, int> names, ref GpuState state)
    {
        var name = item.Text("profile", "");
        if (!names.TryGetValue(name, out var slot))
        {
            item.Error("profile", $"the name of one of mig.profiles: {string.Join(", ", names.Keys)}");
            return;
        }
        ref var instance = ref state.Mig[index];
        var profile = state.MigProfiles[slot];
        instance.Present = 1;
        instance.Profile = (uint)slot;
        instance.ComputeProfile = (uint)(slot > 6 ? 0 : slot);
        instance.GpuInstanceId = item.UInt("gpu_instance_id", (uint)index + 1, 127);
        instance.ComputeInstanceId = item.UInt("compute_instance_id", 0, 127);
        instance.PlacementStart = item.UInt("placement_start", 0, 7);
        instance.PlacementSize = profile.PlacementSize;
        instance.Multiprocessors = profile.Multiprocessors;
        instance.CopyEngines = profile.CopyEngines;
        instance.Decoders = profile.Decoders;
        instance.Encoders = profile.Encoders;
        instance.Jpegs = profile.Jpegs;
        instance.Ofas = profile.Ofas;
        instance.GpuSlices = instance.ComputeSlices = profile.Slices;
        instance.MemoryTotalBytes = profile.MemoryMebibytes << 20;
        instance.MemoryUsedBytes = item.Wide("memory_used_mib", 0, profile.MemoryMebibytes) << 20;
        instance.Bar1TotalBytes = item.Wide("bar1_mib", 0, 1 << 24) << 20;
        StateText.Set(instance.Uuid, item.Text("uuid", ""));
        StateText.Set(instance.Name, $"{StateText.Get(state.Name)} MIG {name}");
    }
}
