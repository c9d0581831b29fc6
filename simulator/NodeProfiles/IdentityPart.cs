using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>Who a GPU is and which modes it is in.</summary>
internal static class IdentityPart
{
    /// <summary>The profile is silent; <see cref="NodeBirth"/> numbers the modules.</summary>
    public const uint NotSaid = uint.MaxValue - 1;

    public const uint Turing = 6;
    public const uint Ampere = 7;
    public const uint Ada = 8;
    public const uint Hopper = 9;

    /// <summary>Event types that the driver offers: up to MIG changes since always, the rest since 12.8.</summary>
    private const ulong EventTypesBefore = 0x19f;
    private const ulong EventTypesSince1208 = 0xff9f;

    public static void Read(ProfileSection gpu, uint headerVersion, ref GpuState state)
    {
        StateText.Set(state.Name, gpu.Text("name", "NVIDIA Simulated GPU"));
        StateText.Set(state.Serial, gpu.Text("serial", "", 31));
        StateText.Set(state.BoardPartNumber, gpu.Text("board_part_number", "", 79));
        StateText.Set(state.VbiosVersion, gpu.Text("vbios_version", "", 31));
        StateText.Set(state.Uuid, gpu.Text("uuid", ""));
        state.Brand = gpu.OneOf("brand", 14u, Absent.Value, ("unknown", 0u), ("quadro", 1u), ("tesla", 2u), ("nvs", 3u), ("grid", 4u), ("geforce", 5u), ("titan", 6u),
            ("quadro_rtx", 12u), ("nvidia_rtx", 13u), ("nvidia", 14u), ("geforce_rtx", 15u), ("titan_rtx", 16u));
        state.Architecture = gpu.OneOf("architecture", Hopper, Absent.Value, ("kepler", 2u), ("maxwell", 3u), ("pascal", 4u), ("volta", 5u), ("turing", Turing),
            ("ampere", Ampere), ("ada", Ada), ("hopper", Hopper), ("blackwell", 10u), ("rubin", 13u));
        var capability = gpu.Section("compute_capability");
        state.ComputeMajor = capability.UInt("major", 9, 99);
        state.ComputeMinor = capability.UInt("minor", 0, 99);
        state.CoreCount = gpu.UInt("num_gpu_cores", Absent.Value);
        state.MinorNumber = gpu.UInt("minor_number", Absent.Value, 255);
        state.ModuleId = gpu.UInt("module_id", NotSaid, 255);
        state.BoardId = gpu.UInt("board_id", Absent.Value);
        state.DeviceIdentifier = gpu.Wide("device_identifier", Absent.Wide);
        state.MultiGpuBoard = 0;

        var inforom = gpu.Section("inforom");
        StateText.Set(state.InforomImage, inforom.Text("image_version", "", 15));
        Span<byte> objects = state.InforomObjects;
        StateText.Set(objects[..16], inforom.Text("oem_object", "", 15));
        StateText.Set(objects[16..32], inforom.Text("ecc_object", "", 15));
        StateText.Set(objects[32..48], inforom.Text("pwr_object", "", 15));

        state.PersistenceMode = gpu.Mode("persistence_mode", 0);
        state.ComputeMode = gpu.OneOf("compute_mode", 0u, Absent.Value, ("default", 0u), ("exclusive_thread", 1u), ("prohibited", 2u), ("exclusive_process", 3u));
        var display = gpu.Section("display");
        state.DisplayMode = display.Mode("mode", 0);
        state.DisplayActive = display.Mode("active", 0);
        state.AddressingMode = gpu.OneOf("addressing_mode", 0u, Absent.Value, ("none", 0u), ("hmm", 1u), ("ats", 2u));
        state.VirtualizationMode = gpu.Section("virtualization").OneOf("mode", 0u, Absent.Value, ("none", 0u), ("passthrough", 1u), ("vgpu", 2u), ("host_vgpu", 3u), ("host_vsga", 4u));
        var gsp = gpu.Section("gsp_firmware");
        state.GspEnabled = gsp.Mode("mode", Absent.Value);
        StateText.Set(state.GspVersion, gsp.Text("version", "", 63));
        var accounting = gpu.Section("accounting");
        state.AccountingMode = accounting.Mode("mode", 0);
        state.AccountingBuffer = accounting.UInt("buffer_size", 4000);

        state.MemoryNumaNode = Absent.Value;
        state.SupportedEventTypes = headerVersion >= 1208 ? EventTypesSince1208 : EventTypesBefore;
        state.GpmSupported = state.Architecture >= Hopper && state.Architecture != Absent.Value ? 1u : 0u;
        ReadFabric(gpu, ref state);
        ReadPlatform(gpu, ref state);
    }

    private static void ReadFabric(ProfileSection gpu, ref GpuState state)
    {
        var has = gpu.Has("fabric");
        var fabric = gpu.Section("fabric");
        state.FabricState = has
            ? fabric.OneOf("state", 3u, 0u, ("auto", 3u), ("completed", 3u), ("in_progress", 2u), ("not_started", 1u), ("not_supported", 0u))
            : Absent.Value;
        state.FabricClique = fabric.UInt("clique_id", 0);
        state.FabricHealthMask = fabric.UInt("health_mask", 0);
        state.FabricHealthSummary = fabric.OneOf("health_summary", 0u, 0u, ("not_supported", 0u), ("healthy", 1u), ("unhealthy", 2u), ("limited_capacity", 3u));
        var cluster = fabric.Text("cluster_uuid", Guid.Empty.ToString());
        if (Guid.TryParse(cluster, out var uuid)) uuid.TryWriteBytes(state.FabricCluster, bigEndian: true, out _);
        else fabric.Error("cluster_uuid", "a UUID");
    }

    private static void ReadPlatform(ProfileSection gpu, ref GpuState state)
    {
        if (!gpu.Has("platform")) return;
        var platform = gpu.Section("platform");
        state.PlatformPresent = 1;
        StateText.Set(state.PlatformChassis, platform.Text("chassis_serial_number", "", 15));
        Span<byte> places = state.PlatformPlaces;
        places[0] = (byte)platform.UInt("slot_number", 0, 255);
        places[1] = (byte)platform.UInt("tray_index", 0, 255);
        places[2] = (byte)platform.UInt("host_id", 0, 255);
        places[3] = (byte)platform.OneOf("peer_type", 0u, 0u, ("direct", 0u), ("switch", 1u));
        places[4] = (byte)platform.UInt("module_id", 0, 255);
    }
}
