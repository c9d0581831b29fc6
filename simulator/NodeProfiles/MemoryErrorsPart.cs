using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>ECC modes and counters, remapped rows, retired pages, repair.</summary>
internal static class MemoryErrorsPart
{
    public const int L1Cache = 0;
    public const int L2Cache = 1;
    public const int Dram = 2;
    public const int RegisterFile = 3;
    public const int TextureMemory = 4;
    public const int Cbu = 6;
    public const int Sram = 7;
    public const int Locations = 8;

    /// <summary>Place of a counter in the state; types are 0 corrected, 1 uncorrected; counters 0 volatile, 1 aggregate.</summary>
    public static int Place(int type, int counter, int location) => (type * 2 + counter) * Locations + location;

    public static void Read(ProfileSection gpu, ref GpuState state)
    {
        var modern = state.Architecture >= IdentityPart.Ampere;
        var ecc = gpu.Section("ecc");
        state.EccModeCurrent = ecc.Mode("mode_current", gpu.Has("ecc") ? 1 : Absent.Value);
        state.EccModePending = ecc.Mode("mode_pending", state.EccModeCurrent);
        state.EccModeDefault = ecc.Mode("default_mode", state.EccModeCurrent);
        Span<ulong> counts = state.EccCounts;
        counts.Fill(Absent.Wide);
        var errors = ecc.Section("errors");
        foreach (var (counter, counterKey) in (ReadOnlySpan<(int, string)>)[(0, "volatile"), (1, "aggregate")])
            foreach (var (type, typeKey) in (ReadOnlySpan<(int, string)>)[(0, "single_bit"), (1, "double_bit")])
                ReadCounts(errors.Section(counterKey).Section(typeKey), modern, counts.Slice(Place(type, counter, 0), Locations));

        var remapped = gpu.Section("remapped_rows");
        var has = modern && gpu.Has("remapped_rows");
        state.RemappedCorrectable = remapped.UInt("correctable", 0);
        state.RemappedUncorrectable = remapped.UInt("uncorrectable", 0);
        state.RemapPending = remapped.Mode("pending", 0);
        state.RemapFailed = remapped.Mode("failure_occurred", 0);
        Span<uint> histogram = state.RemapHistogram;
        histogram.Fill(Absent.Value);
        if (has && remapped.Has("histogram"))
        {
            var banks = remapped.Section("histogram");
            foreach (var (index, key) in (ReadOnlySpan<(int, string)>)[(0, "max"), (1, "high"), (2, "partial"), (3, "low"), (4, "none")])
                histogram[index] = banks.UInt(key, 0);
        }
        if (!has)
            state.RemappedCorrectable = state.RemappedUncorrectable = state.RemapPending = state.RemapFailed = Absent.Value;

        ReadRetired(gpu.Section("retired_pages"), !modern && gpu.Has("retired_pages"), ref state);
        state.ChannelRepairPending = state.TpcRepairPending = state.UnrepairableMemory = modern ? 0 : Absent.Value;
        state.RecoveryAction = 0;
    }

    /// <summary>Since Ampere there are two locations, DRAM and SRAM; before, each memory had its own.</summary>
    private static void ReadCounts(ProfileSection section, bool modern, Span<ulong> counts)
    {
        var device = section.Wide("device_memory", 0);
        ulong l1 = section.Wide("l1_cache", 0), l2 = section.Wide("l2_cache", 0), registers = section.Wide("register_file", 0), texture = section.Wide("texture_memory", 0);
        _ = section.Wide("total", 0);
        counts[Dram] = device;
        if (modern)
        {
            counts[Sram] = section.Wide("sram", l1 + l2 + registers + texture);
            return;
        }
        counts[L1Cache] = l1;
        counts[L2Cache] = l2;
        counts[RegisterFile] = registers;
        counts[TextureMemory] = texture;
        counts[Cbu] = section.Wide("cbu", Absent.Wide);
    }

    private static void ReadRetired(ProfileSection retired, bool has, ref GpuState state)
    {
        var pending = retired.Mode("pending_retirement", 0);
        state.RetiredPending = has ? pending : Absent.Value;
        _ = retired.Mode("pending_blacklist", 0); // the same reading under its old name
        foreach (var (cause, key) in (ReadOnlySpan<(int, string)>)[(0, "single_bit_retirement"), (1, "double_bit_retirement")])
        {
            var section = retired.Section(key);
            var count = section.UInt("count", 0, 64);
            state.RetiredCounts[cause] = has ? count : Absent.Value;
            foreach (var (index, (value, node)) in section.Values("addresses").Index())
            {
                if (index == 16) break;
                if (ulong.TryParse(value.Replace("0x", "", StringComparison.OrdinalIgnoreCase), System.Globalization.NumberStyles.HexNumber, null, out var address))
                    state.RetiredAddresses[cause * 16 + index] = address;
                else section.Document.Add(node, $"{section.Path}.addresses", value, "a hexadecimal address like 0x1f000");
            }
        }
    }
}
