using System.Text.Json;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Sampling;

/// <summary>
/// Every metric that the agent exports, a row each, and the only place that knows them: /metrics, OTLP, the documentation and the
/// golden files all come from here. To add one, add a row.
/// </summary>
internal static class MetricTable
{
    private static List<Metric>? s_declared; // no initialiser: the rows below fill it in textual order

    private static readonly string[] Clocks = ["sm", "graphics", "memory", "video"];
    private static readonly NvmlClock[] ClockDomains = [NvmlClock.Sm, NvmlClock.Graphics, NvmlClock.Memory, NvmlClock.Video];
    private static readonly string[] Causes = ["correctable", "uncorrectable"];
    private static readonly string[] ThrottleReasons = [.. Enum.GetNames<ThrottleReason>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    private static readonly string[] PolledReasons = [.. Enum.GetValues<ThrottleReason>().Where(static r => NvmlGpu.PolledBit(r) != 0).Select(static r => ThrottleReasons[(int)r])];

    // A node of 16 GPUs has under 11 components a GPU and 3 states each; as many again were gone and have reasons.
    private const int HealthSeries = 2 * 17 * 11 * 3;

    // Utilisation
    internal static readonly GpuMetric Utilization = Gauge("gpu_utilization_ratio", Unit.Ratio, Tier.Fast, "Share of the last driver sample period in which any kernel ran.", static gpu => gpu.UtilizationRatio(), extreme: Extreme.Maximum);
    internal static readonly GpuMetric MemoryUtilization = Gauge("gpu_memory_utilization_ratio", Unit.Ratio, Tier.Fast, "Share of the last driver sample period in which device memory was read or written.", static gpu => gpu.MemoryUtilizationRatio());
    internal static readonly GpuMetric EncoderUtilization = Gauge("gpu_encoder_utilization_ratio", Unit.Ratio, Tier.Medium, "Utilisation of the video encoders.", static gpu => gpu.EncoderUtilizationRatio());
    internal static readonly GpuMetric DecoderUtilization = Gauge("gpu_decoder_utilization_ratio", Unit.Ratio, Tier.Medium, "Utilisation of the video decoders.", static gpu => gpu.DecoderUtilizationRatio());
    internal static readonly GpuMetric JpegUtilization = Gauge("gpu_jpeg_utilization_ratio", Unit.Ratio, Tier.Medium, "Utilisation of the JPEG engines.", static gpu => gpu.JpegUtilizationRatio());
    internal static readonly GpuMetric OfaUtilization = Gauge("gpu_ofa_utilization_ratio", Unit.Ratio, Tier.Medium, "Utilisation of the optical flow accelerator.", static gpu => gpu.OfaUtilizationRatio());

    // Hardware counters, means over the medium interval (GPM: Hopper and later)
    internal static readonly GpuMetric SmActive = Gpm("gpu_sm_active_ratio", GpmMetric.SmUtilization, "Share of time in which at least one warp was on an SM, mean over SMs.");
    internal static readonly GpuMetric SmOccupancy = Gpm("gpu_sm_occupancy_ratio", GpmMetric.SmOccupancy, "Resident warps as a share of the most that fit, mean over SMs.");
    internal static readonly GpuMetric TensorActive = Gpm("gpu_tensor_active_ratio", GpmMetric.AnyTensorUtilization, "Share of cycles in which a tensor pipe was active.");
    internal static readonly GpuMetric DramActive = Gpm("gpu_dram_active_ratio", GpmMetric.DramBandwidthUtilization, "Used share of the device memory bandwidth.");
    internal static readonly GpuMetric Fp64Active = Gpm("gpu_fp64_active_ratio", GpmMetric.Fp64Utilization, "Share of cycles in which the FP64 pipe was active.");
    internal static readonly GpuMetric Fp32Active = Gpm("gpu_fp32_active_ratio", GpmMetric.Fp32Utilization, "Share of cycles in which the FP32 pipe was active.");
    internal static readonly GpuMetric Fp16Active = Gpm("gpu_fp16_active_ratio", GpmMetric.Fp16Utilization, "Share of cycles in which the FP16 pipe was active.");
    internal static readonly GpuMetric IntegerActive = Gpm("gpu_integer_active_ratio", GpmMetric.IntegerUtilization, "Share of cycles in which the integer pipe was active.");
    internal static readonly GpuMetric GraphicsActive = Gpm("gpu_graphics_active_ratio", GpmMetric.GraphicsUtilization, "Share of time in which the graphics or compute engine was active.");

    // Memory
    internal static readonly GpuMetric MemoryTotal = Gauge("gpu_memory_total_bytes", Unit.Bytes, Tier.Fast, "Device memory of the board.", static gpu => gpu.MemoryTotalBytes(), onMig: true);
    internal static readonly GpuMetric MemoryUsed = Gauge("gpu_memory_used_bytes", Unit.Bytes, Tier.Fast, "Device memory in use by programs.", static gpu => gpu.MemoryUsedBytes(), onMig: true, extreme: Extreme.Maximum);
    internal static readonly GpuMetric MemoryFree = Gauge("gpu_memory_free_bytes", Unit.Bytes, Tier.Fast, "Device memory that is free.", static gpu => gpu.MemoryFreeBytes(), onMig: true);
    internal static readonly GpuMetric MemoryReserved = Gauge("gpu_memory_reserved_bytes", Unit.Bytes, Tier.Fast, "Device memory that the driver keeps for itself.", static gpu => gpu.MemoryReservedBytes(), onMig: true);
    internal static readonly GpuMetric Bar1Used = Gauge("gpu_bar1_used_bytes", Unit.Bytes, Tier.Medium, "BAR1 address space in use.", static gpu => gpu.Bar1UsedBytes());
    internal static readonly GpuMetric Bar1Total = Gauge("gpu_bar1_total_bytes", Unit.Bytes, Tier.Medium, "BAR1 address space.", static gpu => gpu.Bar1TotalBytes());

    // Clocks
    internal static readonly GpuMetric Clock = Gauge("gpu_clock_hertz", Unit.Hertz, Tier.Fast, "Current clock of a domain.", LabelSet.Of("domain", Clocks), static (gpu, domain) => gpu.ClockHertz(ClockDomains[domain]), extreme: Extreme.Minimum);
    internal static readonly GpuMetric ClockMaximum = Gauge("gpu_clock_max_hertz", Unit.Hertz, Tier.Slow, "Highest clock of a domain.", LabelSet.Of("domain", Clocks), static (gpu, domain) => gpu.MaximumClockHertz(ClockDomains[domain]));
    internal static readonly GpuMetric PerformanceState = Gauge("gpu_performance_state", Unit.None, Tier.Medium, "Performance state, 0 (fastest) to 15.", static gpu => gpu.PerformanceState());
    internal static readonly GpuMetric ThrottleActive = Gauge("gpu_throttle_active", Unit.None, Tier.Fast, "1 while the reason holds the clocks down.", LabelSet.Of("reason", PolledReasons), static (gpu, reason) => gpu.ThrottleActive(NvmlGpu.PolledBit((ThrottleReason)reason)));
    internal static readonly GpuMetric ThrottleSeconds = Counter("gpu_throttle_seconds_total", Unit.Seconds, Tier.Medium, "Time in which the reason held the clocks down: the driver's counter, or the polled state added up.", LabelSet.Of("reason", ThrottleReasons), static (gpu, reason, _) => gpu.ThrottleSeconds((ThrottleReason)reason));

    // Power and heat
    internal static readonly GpuMetric Power = Gauge("gpu_power_watts", Unit.Watts, Tier.Fast, "Power draw of the board; a one-second mean on Ampere and later.", static gpu => gpu.PowerWatts(), extreme: Extreme.Maximum);
    internal static readonly GpuMetric PowerInstant = Gauge("gpu_power_instant_watts", Unit.Watts, Tier.Fast, "Power draw of the board at the instant of the sample.", static gpu => gpu.PowerInstantWatts(), extreme: Extreme.Maximum);
    internal static readonly GpuMetric PowerLimit = Gauge("gpu_power_limit_watts", Unit.Watts, Tier.Slow, "Power that the GPU is held to: the lowest of every limit.", static gpu => gpu.PowerLimitWatts());
    internal static readonly GpuMetric PowerLimitDefault = Gauge("gpu_power_limit_default_watts", Unit.Watts, Tier.Slow, "Power limit as the board was made.", static gpu => gpu.PowerLimitDefaultWatts());
    internal static readonly GpuMetric PowerLimitMinimum = Gauge("gpu_power_limit_min_watts", Unit.Watts, Tier.Slow, "Lowest power limit that can be set.", static gpu => gpu.PowerLimitMinimumWatts());
    internal static readonly GpuMetric PowerLimitMaximum = Gauge("gpu_power_limit_max_watts", Unit.Watts, Tier.Slow, "Highest power limit that can be set.", static gpu => gpu.PowerLimitMaximumWatts());
    internal static readonly GpuMetric Energy = Counter("gpu_energy_joules_total", Unit.Joules, Tier.Medium, "Energy drawn since the driver was loaded.", LabelSet.None, static (gpu, _, _) => gpu.EnergyJoules());
    internal static readonly GpuMetric Temperature = Gauge("gpu_temperature_celsius", Unit.Celsius, Tier.Fast, "Temperature of a sensor.", LabelSet.Of("sensor", "gpu", "memory"), static (gpu, sensor) => sensor == 0 ? gpu.GpuTemperatureCelsius() : gpu.MemoryTemperatureCelsius(), extreme: Extreme.Maximum);
    internal static readonly GpuMetric ThermalMargin = Gauge("gpu_thermal_margin_celsius", Unit.Celsius, Tier.Medium, "Degrees left until the GPU slows down (T.Limit).", static gpu => gpu.ThermalMarginCelsius());
    internal static readonly GpuMetric ThermalMarginSlowdown = Gauge("gpu_thermal_margin_slowdown_celsius", Unit.Celsius, Tier.Slow, "Margin at which the hardware starts to slow down.", static gpu => gpu.ThermalMarginSlowdownCelsius());
    internal static readonly GpuMetric FanSpeed = Gauge("gpu_fan_speed_ratio", Unit.Ratio, Tier.Medium, "Fan speed as a share of the highest; may exceed 1.", LabelSet.PerFan, static (gpu, fan) => gpu.FanSpeedRatio(fan));

    // Memory errors and repairs
    internal static readonly GpuMetric EccMode = Gauge("gpu_ecc_mode_enabled", Unit.None, Tier.Slow, "1 while ECC is on.", static gpu => gpu.EccModeEnabled());
    internal static readonly GpuMetric EccErrors = Counter("gpu_ecc_errors_total", Unit.None, Tier.Slow, "Memory errors by type and location.", LabelSet.Of("type", Causes).And("location", NvmlGpu.EccLocationNames), static (gpu, type, location) => gpu.EccErrors(type, location));
    internal static readonly GpuMetric EccLifetimeErrors = Gauge("gpu_ecc_lifetime_errors", Unit.None, Tier.Slow, "Memory errors over the life of the board.", LabelSet.Of("type", Causes).And("location", NvmlGpu.EccLocationNames), static (gpu, type, location) => gpu.EccLifetimeErrors(type, location));
    internal static readonly GpuMetric EccSramThreshold = Gauge("gpu_ecc_sram_threshold_exceeded", Unit.None, Tier.Slow, "1 when SRAM errors passed the threshold for replacing the GPU.", static gpu => gpu.EccSramThresholdExceeded());
    internal static readonly GpuMetric RemappedRows = Gauge("gpu_row_remapped_rows", Unit.None, Tier.Slow, "Memory rows that were remapped, by cause.", LabelSet.Of("cause", Causes), static (gpu, cause) => gpu.RemappedRows(cause));
    internal static readonly GpuMetric RowRemapPending = Gauge("gpu_row_remap_pending", Unit.None, Tier.Slow, "1 when a remapping waits for a reset of the GPU.", static gpu => gpu.RowRemapPending());
    internal static readonly GpuMetric RowRemapFailure = Gauge("gpu_row_remap_failure", Unit.None, Tier.Slow, "1 when a remapping failed: the GPU should be replaced.", static gpu => gpu.RowRemapFailure());
    internal static readonly GpuMetric RowRemapBanks = Gauge("gpu_row_remap_banks", Unit.None, Tier.Slow, "Memory banks by the spare rows that they have left.", LabelSet.Of("availability", "max", "high", "partial", "low", "none"), static (gpu, availability) => gpu.RowRemapBanks(availability));
    internal static readonly GpuMetric RetiredPages = Gauge("gpu_retired_pages", Unit.None, Tier.Slow, "Memory pages that were retired, by cause; boards before Ampere.", LabelSet.Of("cause", Causes), static (gpu, cause) => gpu.RetiredPages(cause));
    internal static readonly GpuMetric RetiredPagesPending = Gauge("gpu_retired_pages_pending", Unit.None, Tier.Slow, "1 when pages wait for retirement at the next driver load; boards before Ampere.", LabelSet.Of("cause", Causes), static (gpu, cause) => gpu.RetiredPagesPending(cause));
    internal static readonly GpuMetric RecoveryAction = Gauge("gpu_recovery_action", Unit.None, Tier.Slow, "1 for the action that the driver asks for.", LabelSet.Of("action", NvmlGpu.RecoveryActionNames), static (gpu, action) => gpu.RecoveryAction(action));

    // Links
    internal static readonly GpuMetric PcieTransmit = Gauge("gpu_pcie_transmit_bytes_per_second", Unit.BytesPerSecond, Tier.Medium, "Bytes sent over PCIe.", static gpu => gpu.PcieTransmitBytesPerSecond());
    internal static readonly GpuMetric PcieReceive = Gauge("gpu_pcie_receive_bytes_per_second", Unit.BytesPerSecond, Tier.Medium, "Bytes received over PCIe.", static gpu => gpu.PcieReceiveBytesPerSecond());
    internal static readonly GpuMetric PcieReplays = Counter("gpu_pcie_replays_total", Unit.None, Tier.Slow, "PCIe packets that were sent again.", LabelSet.None, static (gpu, _, _) => gpu.PcieReplays());
    internal static readonly GpuMetric PcieReplayLimit = Gauge("gpu_pcie_replay_limit_per_second", Unit.None, Tier.Slow, "Replays that a sound link of this generation and width makes at most.", static gpu => gpu.PcieReplayLimitPerSecond());
    internal static readonly GpuMetric PcieGeneration = Gauge("gpu_pcie_link_generation", Unit.None, Tier.Slow, "PCIe generation of the link; falls when the GPU idles.", static gpu => gpu.PcieGeneration());
    internal static readonly GpuMetric PcieGenerationMaximum = Gauge("gpu_pcie_link_generation_max", Unit.None, Tier.Slow, "Highest PCIe generation of GPU and slot.", static gpu => gpu.PcieGenerationMaximum());
    internal static readonly GpuMetric PcieWidth = Gauge("gpu_pcie_link_width_lanes", Unit.None, Tier.Slow, "PCIe lanes in use.", static gpu => gpu.PcieWidthLanes());
    internal static readonly GpuMetric PcieWidthMaximum = Gauge("gpu_pcie_link_width_max_lanes", Unit.None, Tier.Slow, "PCIe lanes of GPU and slot.", static gpu => gpu.PcieWidthMaximumLanes());
    internal static readonly GpuMetric NvLinkUp = Gauge("gpu_nvlink_up", Unit.None, Tier.Slow, "1 while the link is active.", LabelSet.PerLink, static (gpu, link) => gpu.NvLinkUp(link));
    internal static readonly GpuMetric NvLinkErrors = Counter("gpu_nvlink_errors_total", Unit.None, Tier.Slow, "Errors of every link together by type; of each link, with the label link, only with sampling.per_link_errors.", LabelSet.PerLink.And("type", NvmlGpu.NvLinkErrorNames), static (gpu, link, type) => gpu.NvLinkErrors(link, type), perLinkErrors: true);
    internal static readonly GpuMetric NvLinkTransmit = Counter("gpu_nvlink_transmit_bytes_total", Unit.Bytes, Tier.Medium, "Payload bytes sent over NVLink.", LabelSet.None, static (gpu, _, _) => gpu.NvLinkTransmitBytes(NvmlGpu.AllLinks));
    internal static readonly GpuMetric NvLinkReceive = Counter("gpu_nvlink_receive_bytes_total", Unit.Bytes, Tier.Medium, "Payload bytes received over NVLink.", LabelSet.None, static (gpu, _, _) => gpu.NvLinkReceiveBytes(NvmlGpu.AllLinks));
    internal static readonly GpuMetric NvLinkLinkTransmit = Counter("gpu_nvlink_link_transmit_bytes_total", Unit.Bytes, Tier.Medium, "Payload bytes sent over a link; only with sampling.per_link_bytes.", LabelSet.PerLink, static (gpu, link, _) => gpu.NvLinkTransmitBytes((uint)link), perLinkBytes: true);
    internal static readonly GpuMetric NvLinkLinkReceive = Counter("gpu_nvlink_link_receive_bytes_total", Unit.Bytes, Tier.Medium, "Payload bytes received over a link; only with sampling.per_link_bytes.", LabelSet.PerLink, static (gpu, link, _) => gpu.NvLinkReceiveBytes((uint)link), perLinkBytes: true);
    internal static readonly GpuMetric FabricState = Gauge("gpu_fabric_state", Unit.None, Tier.Slow, "1 for the state of the NVLink fabric.", LabelSet.Of("state", NvmlGpu.FabricStateNames), static (gpu, state) => gpu.FabricState(state));

    // Modes and programs
    internal static readonly GpuMetric Processes = Gauge("gpu_processes", Unit.None, Tier.Medium, "Processes with a compute or graphics context.", static gpu => gpu.ProcessCount(), onMig: true);
    internal static readonly GpuMetric PersistenceMode = Gauge("gpu_persistence_mode_enabled", Unit.None, Tier.Slow, "1 while the driver stays loaded without a client.", static gpu => gpu.PersistenceModeEnabled());
    internal static readonly GpuMetric MigMode = Gauge("gpu_mig_mode_enabled", Unit.None, Tier.Slow, "1 while the GPU is divided into instances.", static gpu => gpu.MigModeEnabled());
    internal static readonly GpuMetric ComputeMode = Gauge("gpu_compute_mode", Unit.None, Tier.Slow, "0 default, 2 prohibited, 3 exclusive process.", static gpu => gpu.ComputeMode());

    // The node
    internal static readonly NodeMetric Info = Node("gpu_info", Unit.None, MetricKind.Gauge, "Who the GPU is; always 1.", "gpu", "uuid", "model", "architecture", "driver_version", "cuda_version", "vbios", "serial", "board_part", "pci_bus_id", "numa_node", "inforom");
    internal static readonly NodeMetric Devices = Node("gpu_devices", Unit.None, MetricKind.Gauge, "GPUs that the driver sees.");
    internal static readonly NodeMetric DevicesExpected = Node("gpu_devices_expected", Unit.None, MetricKind.Gauge, "GPUs as configured, or the most that were ever on the PCI bus, until a person clears that.");
    internal static readonly NodeMetric ProcessMemory = Node("gpu_process_memory_used_bytes", Unit.Bytes, MetricKind.Gauge, "Device memory of a process; only with sampling.per_process_memory.", "gpu", "uuid", "pid", "name");

    // The agent itself
    internal static readonly NodeMetric BuildInfo = Node("gpu_agent_build_info", Unit.None, MetricKind.Gauge, "Version of the agent; always 1.", "version", "runtime");
    internal static readonly NodeMetric StartTime = Node("gpu_agent_start_time_seconds", Unit.Seconds, MetricKind.Gauge, "When the agent was started, in seconds since 1970.");
    internal static readonly NodeMetric Cpu = Node("gpu_agent_cpu_seconds_total", Unit.Seconds, MetricKind.Counter, "Processor time of the agent, the driver's part included.");
    internal static readonly NodeMetric ResidentMemory = Node("gpu_agent_resident_memory_bytes", Unit.Bytes, MetricKind.Gauge, "Resident memory of the agent.");
    internal static readonly NodeMetric SeriesCount = Node("gpu_agent_series", Unit.None, MetricKind.Gauge, "Series of GPUs that have a value now.");
    internal static readonly NodeMetric LastCollection = Node("gpu_agent_last_collection_timestamp_seconds", Unit.Seconds, MetricKind.Gauge, "When a tier of a GPU was last read, in seconds since 1970.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric CollectionDuration = Node("gpu_agent_collection_duration_seconds", Unit.Seconds, MetricKind.Gauge, "How long the last reading of a tier took.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric Samples = Node("gpu_agent_samples_total", Unit.None, MetricKind.Counter, "Readings of a tier.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric SamplesMissed = Node("gpu_agent_samples_missed_total", Unit.None, MetricKind.Counter, "Fast readings that were skipped because the one before took too long.", "gpu", "uuid");
    internal static readonly NodeMetric SamplingFaults = Node("gpu_agent_sampling_faults_total", Unit.None, MetricKind.Counter, "Readings that ended in a fault of the agent itself.", "gpu", "uuid");
    internal static readonly NodeMetric DriverCallStuck = Node("gpu_agent_driver_call_stuck_seconds", Unit.Seconds, MetricKind.Gauge, "How long the call in progress has lasted when it is past its deadline, else 0.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric DriverCallsStuck = Node("gpu_agent_driver_calls_stuck_total", Unit.None, MetricKind.Counter, "Driver calls that passed their deadline.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric DriverCalls = Node("gpu_agent_driver_calls_total", Unit.None, MetricKind.Counter, "Driver calls that came back.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric DriverSeconds = Node("gpu_agent_driver_seconds_total", Unit.Seconds, MetricKind.Counter, "Time spent inside driver calls that came back.", "gpu", "uuid", "collector");
    internal static readonly NodeMetric DriverErrors = Node("gpu_agent_driver_errors_total", Unit.None, MetricKind.Counter, "Error answers of the driver, those for readings that a GPU lacks left out.", "gpu", "uuid", "collector", "code");

    // Events
    internal static readonly NodeMetric DriverEvents = Node("gpu_driver_events_total", Unit.None, MetricKind.Counter, "Events that the driver told and that make no event of the node since they come on sound machines too, by type.", seriesAtMost: 256, "gpu", "uuid", "type");
    internal static readonly NodeMetric XidEvents = Node("gpu_xid_events_total", Unit.None, MetricKind.Counter, "XIDs of the driver, each incident once; 0 for every code that a rule looks for.", seriesAtMost: 2048, "gpu", "uuid", "xid");
    internal static readonly NodeMetric Events = Node("gpu_events_total", Unit.None, MetricKind.Counter, "Events of the node by kind and severity.", seriesAtMost: 256, "kind", "severity");
    internal static readonly NodeMetric KernelLogRecords = Node("gpu_kernel_log_records_total", Unit.None, MetricKind.Counter, "Kernel log records that were read, by where from.", "source");
    internal static readonly NodeMetric KernelLogLostRecords = Node("gpu_kernel_log_lost_records_total", Unit.None, MetricKind.Counter, "Kernel log records that were overwritten before they were read, or could not be read.", "source");
    internal static readonly NodeMetric SightingsMerged = Node("gpu_event_sightings_merged_total", Unit.None, MetricKind.Counter, "Sightings of an incident that had its event already: another source, or another line of it.");
    internal static readonly NodeMetric SightingsDropped = Node("gpu_event_sightings_dropped_total", Unit.None, MetricKind.Counter, "What sources saw and lost before it became an event, by why.", "source", "reason");
    internal static readonly NodeMetric EventsHeld = Node("gpu_events_summed_up_total", Unit.None, MetricKind.Counter, "Incidents without an event of their own, because there were more than 20 of the kind on a GPU in a minute; one event sums them up.");

    internal static readonly NodeMetric EventSourceUp = Node("gpu_event_source_up", Unit.None, MetricKind.Gauge, "1 while a source of events works, 0 while it sees nothing; absent for one that this node does not need.", "source");
    internal static readonly NodeMetric DetectionRounds = Node("gpu_agent_detection_rounds_total", Unit.None, MetricKind.Counter, "Rounds of detection, twenty a second.");
    internal static readonly NodeMetric DetectionSeconds = Node("gpu_agent_detection_seconds_total", Unit.Seconds, MetricKind.Counter, "Time that the rounds of detection took.");
    internal static readonly NodeMetric DetectionFaults = Node("gpu_agent_detection_faults_total", Unit.None, MetricKind.Counter, "Rounds of detection that ended in a fault of the agent itself.");
    internal static readonly NodeMetric FramesMissed = Node("gpu_agent_detection_frames_missed_total", Unit.None, MetricKind.Counter, "Readings of GPUs that rules did not see because detection was late.");

    // Rules
    internal static readonly NodeMetric RuleStates = Node("gpu_rule_state", Unit.None, MetricKind.Gauge, "Instances of a rule, such as GPUs, by where they stand: 0 where none of a rule fires, absent for other states in which none is; a rule in shadow has shadow_firing in place of firing.", seriesAtMost: 2048, "rule", "state");
    internal static readonly NodeMetric RulesLimited = Node("gpu_rule_suppressed_total", Unit.None, MetricKind.Counter, "Times that a limit kept a rule from acting, since the agent was started.", seriesAtMost: 512, "rule");
    internal static readonly NodeMetric Anomalies = Node("gpu_anomalies_total", Unit.None, MetricKind.Counter, "Times that an anomaly rule fired, in shadow or over its limits too.", seriesAtMost: 2048, "gpu", "uuid", "rule");
    internal static readonly NodeMetric RulesLoaded = Node("gpu_rules_loaded", Unit.None, MetricKind.Gauge, "Anomaly rules that hold.");
    internal static readonly NodeMetric RulesReloadSuccessful = Node("gpu_rules_last_reload_successful", Unit.None, MetricKind.Gauge, "1 while the rule files as they are now hold; 0 while they have a mistake and older rules hold.");
    internal static readonly NodeMetric RulesReloadTime = Node("gpu_rules_last_reload_timestamp_seconds", Unit.Seconds, MetricKind.Gauge, "When changed rule files were last read, in seconds since 1970.");

    internal static readonly NodeMetric JobInfo = Node("gpu_job_info", Unit.None, MetricKind.Gauge, "1 for the job that a GPU works for, as the environment of its processes says it; for joins.", seriesAtMost: 128,
        "gpu", "uuid", "job_id", "job_name", "user", "namespace", "pod", "scheduler");

    // Captures
    internal static readonly NodeMetric Captures = Node("gpu_captures_total", Unit.None, MetricKind.Counter, "Captures that came to an end, once for each profiler at work.", seriesAtMost: 256, "profiler", "trigger", "result");
    internal static readonly NodeMetric CaptureRefusals = Node("gpu_capture_refusals_total", Unit.None, MetricKind.Counter, "Captures that were asked for and not taken, by who asked and why not.", seriesAtMost: 128, "trigger", "reason");
    internal static readonly NodeMetric CaptureQueueLength = Node("gpu_capture_queue_length", Unit.None, MetricKind.Gauge, "Captures that wait to be taken.");
    internal static readonly NodeMetric CaptureBytes = Node("gpu_capture_bytes", Unit.Bytes, MetricKind.Gauge, "Bytes of the bundles on this node.");
    internal static readonly NodeMetric CapturesRemoved = Node("gpu_capture_bundles_removed_total", Unit.None, MetricKind.Counter, "Bundles that were removed to make room, since the agent was started.");

    // Health
    internal static readonly NodeMetric HealthState = Node("gpu_health_state", Unit.None, MetricKind.Gauge, "1 for the state that a component of a GPU, or of the node (gpu=\"node\"), is in.", HealthSeries, "gpu", "uuid", "component", "state");

    // The node's services and ports
    internal static readonly NodeMetric DriverVersionMismatch = Node("gpu_driver_version_mismatch", Unit.None, MetricKind.Gauge, "1 while the loaded kernel module, the NVML library and its file are not of one driver version.");
    internal static readonly NodeMetric ServiceActive = Node("gpu_service_active", Unit.None, MetricKind.Gauge, "1 while a service of the driver runs; only services that are installed.", "service");
    internal static readonly NodeMetric InfinibandPortUp = Node("gpu_infiniband_port_up", Unit.None, MetricKind.Gauge, "1 while an InfiniBand or RoCE port is active and its physical link up.", "device", "port");
    internal static readonly NodeMetric InfinibandPortRate = Node("gpu_infiniband_port_rate_bytes_per_second", Unit.BytesPerSecond, MetricKind.Gauge, "Data rate that the port agreed on with its peer.", "device", "port");
    internal static readonly NodeMetric InfinibandLinkDowned = Node("gpu_infiniband_link_downed_total", Unit.None, MetricKind.Counter, "Times that the port's link failed to recover and went down.", "device", "port");
    internal static readonly NodeMetric InfinibandSymbolErrors = Node("gpu_infiniband_symbol_errors_total", Unit.None, MetricKind.Counter, "Minor link errors on the physical lanes of the port.", "device", "port");
    internal static readonly NodeMetric InfinibandLinkErrorRecovery = Node("gpu_infiniband_link_error_recovery_total", Unit.None, MetricKind.Counter, "Times that the port's link recovered from an error.", "device", "port");
    internal static readonly NodeMetric InfinibandReceiveErrors = Node("gpu_infiniband_port_receive_errors_total", Unit.None, MetricKind.Counter, "Packets with an error that the port received.", "device", "port");
    internal static readonly NodeMetric ProbeStuck = Node("gpu_agent_probe_stuck_seconds", Unit.Seconds, MetricKind.Gauge, "How long the look of a probe has lasted when it is past its deadline, else 0.", "probe");
    internal static readonly NodeMetric ProbeFailures = Node("gpu_agent_probe_failures_total", Unit.None, MetricKind.Counter, "Looks of a probe that ended in an error.", "probe");

    // PyTorch's on-demand protocol
    internal static readonly NodeMetric KinetoProcesses = Node("gpu_agent_kineto_processes", Unit.None, MetricKind.Gauge, "PyTorch processes that ask the agent for profiles.");
    internal static readonly NodeMetric KinetoDatagrams = Node("gpu_agent_kineto_datagrams_total", Unit.None, MetricKind.Counter, "Datagrams at the endpoint for PyTorch, by what became of them; who is crowded out is answered too.", "outcome");

    // Journal
    internal static readonly NodeMetric JournalBytes = Node("gpu_agent_journal_bytes", Unit.Bytes, MetricKind.Gauge, "Bytes of the event journal.");
    internal static readonly NodeMetric JournalDamages = Node("gpu_agent_journal_damages_total", Unit.None, MetricKind.Counter, "Places where the event journal was cut off or damaged, found since the agent was started.", "kind");

    // Outgoing pipes
    internal static readonly NodeMetric SinkSent = Node("gpu_sink_sent_total", Unit.None, MetricKind.Counter, "Requests that the receiver took.", "sink");
    internal static readonly NodeMetric SinkFailures = Node("gpu_sink_failures_total", Unit.None, MetricKind.Counter, "Requests that failed, by reason.", "sink", "reason");
    internal static readonly NodeMetric SinkRetried = Node("gpu_sink_retried_total", Unit.None, MetricKind.Counter, "Requests that were sent again.", "sink");
    internal static readonly NodeMetric SinkQueueLength = Node("gpu_sink_queue_length", Unit.None, MetricKind.Gauge, "What waits to be sent.", "sink");
    internal static readonly NodeMetric SinkEventsDropped = Node("gpu_sink_events_dropped_total", Unit.None, MetricKind.Counter, "Events that were lost, by reason.", "sink", "reason");
    internal static readonly NodeMetric SinkDeadLetters = Node("gpu_sink_dead_letters_total", Unit.None, MetricKind.Counter, "What the receiver refused for good and was set aside.", "sink");
    internal static readonly NodeMetric SinkLastSuccess = Node("gpu_sink_last_success_timestamp_seconds", Unit.Seconds, MetricKind.Gauge, "When the receiver last took a request, in seconds since 1970.", "sink");

    /// <summary>Every row, in the order of this file.</summary>
    internal static IReadOnlyList<Metric> All { get; } = [.. s_declared!];

    private enum Extreme { None, Maximum, Minimum }

    private static GpuMetric Gpm(string name, GpmMetric metric, string help) =>
        Gauge(name, Unit.Ratio, Tier.Medium, help, gpu => gpu.Gpm(metric), onMig: true);

    private static GpuMetric Gauge(string name, Unit unit, Tier tier, string help, Func<NvmlGpu, double> read, bool onMig = false, Extreme extreme = Extreme.None) =>
        Row(new GpuMetric(name, unit, MetricKind.Gauge, help, tier, LabelSet.None, (gpu, _, _) => read(gpu)) { OnMig = onMig }, extreme);

    private static GpuMetric Gauge(string name, Unit unit, Tier tier, string help, LabelSet labels, Func<NvmlGpu, int, double> read, Extreme extreme = Extreme.None) =>
        Row(new GpuMetric(name, unit, MetricKind.Gauge, help, tier, labels, (gpu, first, _) => read(gpu, first)), extreme);

    private static GpuMetric Gauge(string name, Unit unit, Tier tier, string help, LabelSet labels, Func<NvmlGpu, int, int, double> read) =>
        Row(new GpuMetric(name, unit, MetricKind.Gauge, help, tier, labels, read), Extreme.None);

    private static GpuMetric Counter(string name, Unit unit, Tier tier, string help, LabelSet labels, Func<NvmlGpu, int, int, double> read, bool perLinkBytes = false, bool perLinkErrors = false) =>
        Row(new GpuMetric(name, unit, MetricKind.Counter, help, tier, labels, read) { PerLinkBytes = perLinkBytes, PerLinkErrors = perLinkErrors }, Extreme.None);

    private static NodeMetric Node(string name, Unit unit, MetricKind kind, string help, params string[] labels) =>
        Declare(new NodeMetric(name, unit, kind, help, labels));

    private static NodeMetric Node(string name, Unit unit, MetricKind kind, string help, int seriesAtMost, params string[] labels) =>
        Declare(new NodeMetric(name, unit, kind, help, labels) { SeriesAtMost = seriesAtMost });

    private static GpuMetric Row(GpuMetric metric, Extreme extreme)
    {
        Declare(metric);
        if (extreme == Extreme.Maximum) Declare(new WindowMetric(metric.Name + "_max", metric.Unit, $"Highest value of {metric.Name} over the last 30 seconds.", metric, Maximum: true));
        if (extreme == Extreme.Minimum) Declare(new WindowMetric(metric.Name + "_min", metric.Unit, $"Lowest value of {metric.Name} over the last 30 seconds.", metric, Maximum: false));
        return metric;
    }

    private static T Declare<T>(T metric) where T : Metric
    {
        (s_declared ??= []).Add(metric);
        return metric;
    }
}
