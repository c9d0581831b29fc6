using Monitoring.Agent.Sampling;
using Table = Monitoring.Agent.Sampling.MetricTable;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>
/// Every field of dcgm-exporter that the agent serves, a row each, and the only place that knows them: the pages and their documentation
/// come from here. To add one, add a row. Numbers and names up to 4.8 are those of DCGM 4.6.0 (dcgmlib/dcgm_fields.h) and of
/// etc/default-counters.csv; those of 4.9 are from its release notes and the field reference of DCGM 4.7.
/// </summary>
internal static class DcgmFields
{
    private const double Megahertz = 1e-6;
    private const double Millijoules = 1e3;
    private const double Percent = 100;
    private const double Nanoseconds = 1e9;
    private const double Mebibytes = 1.0 / (1 << 20);

    // DCGM divides KiB a second by 1000 (DcgmCacheManager::ReadAndCacheNvLinkBandwidth).
    private const double NvLinkMegabytes = 1.0 / 1_024_000;

    /// <summary>Every row.</summary>
    internal static IReadOnlyList<DcgmField> All { get; } =
    [
        // Clocks, temperatures, power
        Gauge(new SeriesSource(Table.Clock, "domain", "sm"), "Clock of the multiprocessors", new(100, "DCGM_FI_DEV_SM_CLOCK", "MHz", Megahertz), new(1603, "DCGM_FI_DEV_SM_CLOCK_HERTZ", "hertz")),
        Gauge(new SeriesSource(Table.Clock, "domain", "memory"), "Clock of the device memory", new(101, "DCGM_FI_DEV_MEM_CLOCK", "MHz", Megahertz), new(1604, "DCGM_FI_DEV_MEMORY_CLOCK_HERTZ", "hertz")),
        Gauge(new SeriesSource(Table.Temperature, "sensor", "memory"), "Temperature of the device memory", new(140, "DCGM_FI_DEV_MEMORY_TEMP", "degrees Celsius"), new(140, "DCGM_FI_DEV_MEMORY_TEMP_CELSIUS", "degrees Celsius")),
        Gauge(new SeriesSource(Table.Temperature, "sensor", "gpu"), "Temperature of the GPU", new(150, "DCGM_FI_DEV_GPU_TEMP", "degrees Celsius"), new(150, "DCGM_FI_DEV_GPU_TEMP_CELSIUS", "degrees Celsius")),
        Gauge(new SeriesSource(Table.Power), "Power that the board draws", Decimal(155, "DCGM_FI_DEV_POWER_USAGE", "watts"), Decimal(155, "DCGM_FI_DEV_BOARD_POWER_WATTS", "watts")),
        Counter(new SeriesSource(Table.Energy), "Energy drawn since the driver was loaded", new(156, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "millijoules", Millijoules), Decimal(1611, "DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL", "joules")),

        // PCIe and utilisation
        Counter(new SeriesSource(Table.PcieReplays), "PCIe packets that were sent again", new(202, "DCGM_FI_DEV_PCIE_REPLAY_COUNTER"), new(202, "DCGM_FI_DEV_PCIE_REPLAY_TOTAL")),
        Utilization(Table.Utilization, "Share of time in which any kernel ran", 203, "DCGM_FI_DEV_GPU_UTIL", 1613, "DCGM_FI_DEV_GPU_UTIL_RATIO"),
        Utilization(Table.MemoryUtilization, "Share of time in which device memory was read or written", 204, "DCGM_FI_DEV_MEM_COPY_UTIL", 1614, "DCGM_FI_DEV_MEMORY_UTIL_RATIO"),
        Utilization(Table.EncoderUtilization, "Utilisation of the video encoders", 206, "DCGM_FI_DEV_ENC_UTIL", 1615, "DCGM_FI_DEV_ENC_UTIL_RATIO"),
        Utilization(Table.DecoderUtilization, "Utilisation of the video decoders", 207, "DCGM_FI_DEV_DEC_UTIL", 1616, "DCGM_FI_DEV_DEC_UTIL_RATIO"),

        // Errors and throttling
        Gauge(new XidSource(), "Code of the last XID, 0 before one", new(230, "DCGM_FI_DEV_XID_ERRORS"), new(230, "DCGM_FI_DEV_XID_ERROR")),
        Violation(240, "DCGM_FI_DEV_POWER_VIOLATION", 1617, "DCGM_FI_DEV_GPU_POWER_THROTTLE_SECONDS_TOTAL", "Time that the power limit held the clocks down", "sw_power_cap"),
        Violation(241, "DCGM_FI_DEV_THERMAL_VIOLATION", 1618, "DCGM_FI_DEV_GPU_THERMAL_THROTTLE_SECONDS_TOTAL", "Time that heat held the clocks down", "hw_thermal", "sw_thermal"),
        Violation(242, "DCGM_FI_DEV_SYNC_BOOST_VIOLATION", 1619, "DCGM_FI_DEV_GPU_SYNC_BOOST_THROTTLE_SECONDS_TOTAL", "Time that a group with equal clocks held the clocks down", "sync_boost"),
        Violation(243, "DCGM_FI_DEV_BOARD_LIMIT_VIOLATION", 1620, "DCGM_FI_DEV_GPU_LIMIT_THROTTLE_SECONDS_TOTAL", "Time that a limit of the board held the clocks down", "board_limit"),
        Violation(244, "DCGM_FI_DEV_LOW_UTIL_VIOLATION", 1621, "DCGM_FI_DEV_GPU_LOW_UTIL_THROTTLE_SECONDS_TOTAL", "Time that low utilisation held the clocks down", "low_utilization"),
        Violation(245, "DCGM_FI_DEV_RELIABILITY_VIOLATION", 1622, "DCGM_FI_DEV_GPU_RELIABILITY_THROTTLE_SECONDS_TOTAL", "Time that the limit of the voltage held the clocks down", "reliability"),

        // Device memory
        Gauge(new SeriesSource(Table.MemoryTotal), "Device memory of the board", null, new(1625, "DCGM_FI_DEV_FB_CAPACITY_BYTES", "bytes")),
        Framebuffer(Table.MemoryFree, "Device memory that is free", 251, "DCGM_FI_DEV_FB_FREE", 1626, "DCGM_FI_DEV_FB_FREE_BYTES"),
        Framebuffer(Table.MemoryUsed, "Device memory in use by programs", 252, "DCGM_FI_DEV_FB_USED", 1627, "DCGM_FI_DEV_FB_USED_BYTES"),
        Framebuffer(Table.MemoryReserved, "Device memory that the driver keeps for itself", 253, "DCGM_FI_DEV_FB_RESERVED", 1628, "DCGM_FI_DEV_FB_RESERVED_BYTES"),
        Errors(new EccSource(Table.EccErrors, "correctable"), "Corrected memory errors since the GPU was first watched", 310, "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"),
        Errors(new EccSource(Table.EccErrors, "uncorrectable"), "Uncorrected memory errors since the GPU was first watched", 311, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"),
        Errors(new EccSource(Table.EccLifetimeErrors, "correctable"), "Corrected memory errors over the life of the board", 312, "DCGM_FI_DEV_ECC_SBE_AGG_TOTAL"),
        Errors(new EccSource(Table.EccLifetimeErrors, "uncorrectable"), "Uncorrected memory errors over the life of the board", 313, "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL"),
        Errors(new SeriesSource(Table.RetiredPages, "cause", "correctable"), "Pages retired for several corrected errors, boards before Ampere", 390, "DCGM_FI_DEV_RETIRED_SBE", "DCGM_FI_DEV_PAGE_RETIRED_SBE_TOTAL"),
        Errors(new SeriesSource(Table.RetiredPages, "cause", "uncorrectable"), "Pages retired for an uncorrected error, boards before Ampere", 391, "DCGM_FI_DEV_RETIRED_DBE", "DCGM_FI_DEV_PAGE_RETIRED_DBE_TOTAL"),
        Errors(new SeriesSource(Table.RetiredPagesPending) { IsHighest = true }, "1 when pages wait for retirement, boards before Ampere", 392, "DCGM_FI_DEV_RETIRED_PENDING", "DCGM_FI_DEV_PAGE_RETIRED_PENDING"),
        Counter(new SeriesSource(Table.RemappedRows, "cause", "uncorrectable"), "Rows remapped for uncorrected errors", new(393, "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS"), new(393, "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL")),
        Counter(new SeriesSource(Table.RemappedRows, "cause", "correctable"), "Rows remapped for corrected errors", new(394, "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS"), new(394, "DCGM_FI_DEV_ROW_REMAP_CORRECTABLE_TOTAL")),
        Gauge(new SeriesSource(Table.RowRemapFailure), "1 when a row could not be remapped", new(395, "DCGM_FI_DEV_ROW_REMAP_FAILURE"), new(395, "DCGM_FI_DEV_ROW_REMAP_FAILED")),
        Gauge(new SeriesSource(Table.RowRemapPending), "1 when a remapping waits for a reset", new(396, "DCGM_FI_DEV_ROW_REMAP_PENDING"), new(396, "DCGM_FI_DEV_ROW_REMAP_PENDING")) with { IsDefault = false },

        // NVLink
        Errors(new LinkErrorSource("crc_flit"), "CRC errors of flow control on the NVLinks", 409, "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_TOTAL"),
        Errors(new LinkErrorSource("crc_data"), "CRC errors of data on the NVLinks", 419, "DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_TOTAL"),
        Errors(new LinkErrorSource("replay"), "Packets sent again over the NVLinks", 429, "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_TOTAL"),
        Errors(new LinkErrorSource("recovery"), "Recoveries of the NVLinks", 439, "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_TOTAL"),
        Counter(new LinkRateSource(), "Rate of data over the NVLinks both ways", new(449, "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL", "MB/s as DCGM counts them (1,024,000 bytes)", NvLinkMegabytes, DcgmNumber.Truncated),
            new(1648, "DCGM_FI_DEV_NVLINK_THROUGHPUT_BYTES_PER_SECOND", "bytes per second")) with { IsGaugeFrom483 = true },

        // Hardware counters
        Profile(Table.GraphicsActive, "Share of time in which the graphics or compute engine was active", isDefault: true, 1001, "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO"),
        Profile(Table.SmActive, "Share of time in which a multiprocessor had a warp", isDefault: false, 1002, "DCGM_FI_PROF_SM_ACTIVE", "DCGM_FI_PROF_SM_UTIL_RATIO"),
        Profile(Table.SmOccupancy, "Resident warps as a share of the most that fit", isDefault: false, 1003, "DCGM_FI_PROF_SM_OCCUPANCY", "DCGM_FI_PROF_SM_OCCUPANCY_RATIO"),
        Profile(Table.TensorActive, "Share of cycles in which a tensor pipe was active", isDefault: true, 1004, "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "DCGM_FI_PROF_TENSOR_UTIL_RATIO"),
        Profile(Table.DramActive, "Used share of the device memory bandwidth", isDefault: true, 1005, "DCGM_FI_PROF_DRAM_ACTIVE", "DCGM_FI_PROF_DRAM_UTIL_RATIO"),
        Profile(Table.Fp64Active, "Share of cycles in which the FP64 pipe was active", isDefault: false, 1006, "DCGM_FI_PROF_PIPE_FP64_ACTIVE", "DCGM_FI_PROF_FP64_UTIL_RATIO"),
        Profile(Table.Fp32Active, "Share of cycles in which the FP32 pipe was active", isDefault: false, 1007, "DCGM_FI_PROF_PIPE_FP32_ACTIVE", "DCGM_FI_PROF_FP32_UTIL_RATIO"),
        Profile(Table.Fp16Active, "Share of cycles in which the FP16 pipe was active", isDefault: false, 1008, "DCGM_FI_PROF_PIPE_FP16_ACTIVE", "DCGM_FI_PROF_FP16_UTIL_RATIO"),
        Gauge(new SeriesSource(Table.PcieTransmit), "Rate of data sent over PCIe", new(1009, "DCGM_FI_PROF_PCIE_TX_BYTES", "bytes per second"), new(1009, "DCGM_FI_PROF_PCIE_TX_BYTES", "bytes per second")),
        Gauge(new SeriesSource(Table.PcieReceive), "Rate of data received over PCIe", new(1010, "DCGM_FI_PROF_PCIE_RX_BYTES", "bytes per second"), new(1010, "DCGM_FI_PROF_PCIE_RX_BYTES", "bytes per second")),
    ];

    /// <summary>What dcgm-exporter lists, active or commented out, and the agent does not serve, with the reason.</summary>
    internal static IReadOnlyList<(string Name, string Reason)> NotServed { get; } =
    [
        ("DCGM_FI_DEV_VGPU_LICENSE_STATUS", "The agent does not ask the driver for licences. dcgm-exporter says 0 on a machine without vGPU; in a virtual machine that would be a wrong answer."),
        ("DCGM_FI_DEV_NVLINK_BANDWIDTH_L0", "The rate of one link. `sampling.per_link_bytes` has the bytes of every link on the agent's own page."),
        ("DCGM_EXP_CLOCK_EVENTS_COUNT", "Counts in a window that each restart empties. `gpu_throttle_seconds_total` and `gpu_throttle_active` say more."),
        ("DCGM_EXP_XID_ERRORS_COUNT", "Counts in a window that each restart empties. `gpu_xid_events_total` outlives restarts."),
        ("DCGM_EXP_GPU_HEALTH_STATUS", "The agent judges health itself: `gpu_health_state`."),
        ("DCGM_EXP_P2P_STATUS", "Which GPUs can reach each other is not read; `gpu_nvlink_up` and `gpu_fabric_state` tell of links that are down."),
        ("DCGM_FI_NVML_VERSION, DCGM_FI_DEV_BRAND, DCGM_FI_DEV_SERIAL, DCGM_FI_DEV_OEM_INFOROM_VER, DCGM_FI_DEV_ECC_INFOROM_VER, DCGM_FI_DEV_POWER_INFOROM_VER, DCGM_FI_DEV_INFOROM_IMAGE_VER, DCGM_FI_DEV_VBIOS_VERSION",
            "Labels that are commented out as shipped. `gpu_info` has the serial number, the VBIOS and the InfoROM, for joins."),
    ];

    private static DcgmFace Decimal(int id, string name, string unit, double scale = 1) => new(id, name, unit, scale, DcgmNumber.Decimal);

    private static DcgmField Gauge(DcgmSource source, string help, DcgmFace? until48, DcgmFace? from49) => new(source, MetricKind.Gauge, help, IsDefault: true, until48, from49);

    private static DcgmField Counter(DcgmSource source, string help, DcgmFace? until48, DcgmFace? from49) => new(source, MetricKind.Counter, help, IsDefault: true, until48, from49);

    private static DcgmField Utilization(GpuMetric metric, string help, int id, string name, int laterId, string laterName) =>
        Gauge(new SeriesSource(metric), help, new DcgmFace(id, name, "percent", Percent), Decimal(laterId, laterName, "0 to 1"));

    private static DcgmField Framebuffer(GpuMetric metric, string help, int id, string name, int laterId, string laterName) =>
        Gauge(new SeriesSource(metric), help, new DcgmFace(id, name, "MiB", Mebibytes, DcgmNumber.Truncated), new DcgmFace(laterId, laterName, "bytes"));

    private static DcgmField Violation(int id, string name, int laterId, string laterName, string help, params string[] reasons) =>
        Counter(new SeriesSource(Table.ThrottleSeconds, "reason", reasons), help, new DcgmFace(id, name, "nanoseconds", Nanoseconds), Decimal(laterId, laterName, "seconds")) with { IsDefault = false };

    private static DcgmField Errors(DcgmSource source, string help, int id, string name, string? laterName = null) =>
        Counter(source, help, new DcgmFace(id, name), new DcgmFace(id, laterName ?? name)) with { IsDefault = false };

    private static DcgmField Profile(GpuMetric metric, string help, bool isDefault, int id, string name, string laterName) =>
        Gauge(new SeriesSource(metric), help, Decimal(id, name, "0 to 1"), Decimal(id, laterName, "0 to 1")) with { IsDefault = isDefault };
}
