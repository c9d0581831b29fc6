/* The fields of one GPU; see state.h. */
#define GPU_FIELDS(X) \
    X(uint32_t, sequence, ) /* odd while the writer is inside */ \
    X(uint32_t, lost, ) \
    X(uint32_t, hang, ) \
    X(uint32_t, latency_microseconds, ) \
    X(uint64_t, updated_microseconds, ) \
    X(uint64_t, elapsed_nanoseconds, ) /* simulated time: the base of GPM intervals */ \
    /* identity */ \
    X(char, name, [96]) \
    X(char, uuid, [96]) \
    X(char, serial, [32]) \
    X(char, board_part_number, [80]) \
    X(char, vbios_version, [32]) \
    X(char, inforom_image, [16]) \
    X(char, inforom_objects, [4][16]) \
    X(char, gsp_version, [64]) \
    X(uint32_t, brand, ) \
    X(uint32_t, architecture, ) \
    X(uint32_t, compute_major, ) \
    X(uint32_t, compute_minor, ) \
    X(uint32_t, core_count, ) \
    X(uint32_t, memory_bus_bits, ) \
    X(uint32_t, board_id, ) \
    X(uint32_t, module_id, ) \
    X(uint32_t, minor_number, ) \
    X(uint32_t, persistence_mode, ) \
    X(uint32_t, compute_mode, ) \
    X(uint32_t, display_mode, ) \
    X(uint32_t, display_active, ) \
    X(uint32_t, virtualization_mode, ) \
    X(uint32_t, addressing_mode, ) \
    X(uint32_t, numa_node, ) \
    X(uint32_t, memory_numa_node, ) \
    X(uint32_t, root_complex, ) \
    X(uint32_t, gsp_enabled, ) \
    X(uint32_t, multi_gpu_board, ) \
    X(uint64_t, device_identifier, ) \
    X(uint64_t, cpu_affinity, [16]) \
    /* PCI and PCIe */ \
    X(uint32_t, pci_domain, ) \
    X(uint32_t, pci_bus, ) \
    X(uint32_t, pci_device, ) \
    X(uint32_t, pci_device_id, ) \
    X(uint32_t, pci_subsystem_id, ) \
    X(uint32_t, pcie_generation_current, ) \
    X(uint32_t, pcie_generation_max, ) \
    X(uint32_t, pcie_generation_gpu_max, ) \
    X(uint32_t, pcie_width_current, ) \
    X(uint32_t, pcie_width_max, ) \
    X(uint32_t, pcie_replays, ) \
    X(uint32_t, pcie_replay_rollovers, ) \
    X(uint32_t, pcie_transmit_kibibytes_per_second, ) \
    X(uint32_t, pcie_receive_kibibytes_per_second, ) \
    X(uint64_t, pcie_transmit_bytes, ) \
    X(uint64_t, pcie_receive_bytes, ) \
    X(uint32_t, pcie_errors, [12]) /* field 169, then fields 173 to 183 */ \
    /* clocks, in MHz, in the order graphics, SM, memory, video */ \
    X(uint32_t, clock_current, [4]) \
    X(uint32_t, clock_max, [4]) \
    X(uint32_t, clock_application, [4]) \
    X(uint32_t, clock_default, [4]) \
    X(uint32_t, clock_boost_max, [4]) \
    X(uint32_t, memory_clock_count, ) \
    X(uint32_t, supported_memory_clocks, [MEMORY_CLOCK_LIMIT]) \
    X(uint32_t, graphics_clock_counts, [MEMORY_CLOCK_LIMIT]) \
    X(uint32_t, supported_graphics_clocks, [MEMORY_CLOCK_LIMIT][GRAPHICS_CLOCK_LIMIT]) \
    X(uint32_t, performance_state, ) \
    X(uint32_t, adaptive_clock, ) \
    X(uint32_t, sampling_period_microseconds, ) \
    X(uint64_t, clock_event_reasons, ) \
    X(uint64_t, clock_event_reasons_supported, ) \
    X(uint64_t, policy_nanoseconds, [12]) \
    X(uint64_t, event_reason_nanoseconds, [3]) /* software thermal, hardware thermal, power brake */ \
    /* utilisation in percent: GPU, memory, encoder, decoder, JPEG, OFA */ \
    X(uint32_t, utilization, [6]) \
    X(uint32_t, encoder_stats, [3]) \
    X(uint32_t, capture_stats, [3]) \
    X(uint64_t, memory_total_bytes, ) \
    X(uint64_t, memory_reserved_bytes, ) \
    X(uint64_t, memory_used_bytes, ) \
    X(uint64_t, bar1_total_bytes, ) \
    X(uint64_t, bar1_used_bytes, ) \
    /* power, energy, heat */ \
    X(uint32_t, power_milliwatts, ) \
    X(uint32_t, power_instant_milliwatts, ) \
    X(uint32_t, power_limit_milliwatts, ) \
    X(uint32_t, power_limit_enforced_milliwatts, ) \
    X(uint32_t, power_limit_default_milliwatts, ) \
    X(uint32_t, power_limit_min_milliwatts, ) \
    X(uint32_t, power_limit_max_milliwatts, ) \
    X(uint32_t, power_source, ) \
    X(uint64_t, energy_millijoules, ) \
    X(int32_t, temperature_celsius, ) \
    X(int32_t, temperature_memory_celsius, ) \
    X(int32_t, temperature_margin_celsius, ) \
    X(uint32_t, temperature_thresholds_celsius, [8]) \
    X(int32_t, temperature_limits_celsius, [4]) /* fields 193 to 196, relative to the margin's zero */ \
    X(uint32_t, fan_count, ) \
    X(uint32_t, fan_percent, [8]) \
    X(uint32_t, fan_target_percent, [8]) \
    X(uint32_t, fan_rpm, [8]) \
    /* memory errors: [type][volatile, aggregate][location] */ \
    X(uint32_t, ecc_mode_current, ) \
    X(uint32_t, ecc_mode_pending, ) \
    X(uint32_t, ecc_mode_default, ) \
    X(uint64_t, ecc_counts, [2][2][8]) \
    X(uint64_t, sram_parity, [2]) /* volatile, aggregate */ \
    X(uint64_t, sram_double, [2]) \
    X(uint64_t, sram_buckets, [5]) /* L2, SM, PCIe, microcontroller, other */ \
    X(uint32_t, sram_threshold_exceeded, ) \
    X(uint32_t, remapped_correctable, ) \
    X(uint32_t, remapped_uncorrectable, ) \
    X(uint32_t, remapped_correctable_inactive, ) \
    X(uint32_t, remapped_uncorrectable_inactive, ) \
    X(uint32_t, remap_pending, ) \
    X(uint32_t, remap_failed, ) \
    X(uint32_t, remap_histogram, [5]) \
    X(uint32_t, retired_counts, [2]) \
    X(uint32_t, retired_pending, ) \
    X(uint64_t, retired_addresses, [2][RETIRED_PAGE_LIMIT]) \
    X(uint64_t, retired_microseconds, [2][RETIRED_PAGE_LIMIT]) \
    X(uint32_t, channel_repair_pending, ) \
    X(uint32_t, tpc_repair_pending, ) \
    X(uint32_t, unrepairable_memory, ) \
    X(uint32_t, recovery_action, ) \
    X(uint64_t, supported_event_types, ) \
    /* fabric and platform */ \
    X(uint32_t, fabric_state, ) \
    X(uint32_t, fabric_status, ) \
    X(uint32_t, fabric_clique, ) \
    X(uint32_t, fabric_health_mask, ) \
    X(uint32_t, fabric_health_summary, ) \
    X(uint8_t, fabric_cluster, [16]) \
    X(uint32_t, platform_present, ) \
    X(uint8_t, platform_guid, [16]) \
    X(uint8_t, platform_chassis, [16]) \
    X(uint8_t, platform_places, [5]) /* slot, tray, host, peer type, module */ \
    X(uint32_t, c2c_enabled, ) \
    /* MIG, accounting, GPM */ \
    X(uint32_t, mig_mode_current, ) \
    X(uint32_t, mig_mode_pending, ) \
    X(uint32_t, mig_max, ) \
    X(uint32_t, accounting_mode, ) \
    X(uint32_t, accounting_buffer, ) \
    X(uint32_t, gpm_supported, ) \
    X(uint32_t, gpm_streaming, ) \
    X(uint32_t, link_count, ) \
    X(uint32_t, process_count, ) \
    X(uint64_t, sample_count, ) \
    X(double, gpm_rate, [GPM_RATE_LIMIT]) \
    X(double, gpm_integral, [GPM_RATE_LIMIT]) \
    X(LinkState, links, [LINK_LIMIT]) \
    X(ProcessState, processes, [PROCESS_LIMIT]) \
    X(MigState, mig, [MIG_LIMIT]) \
    X(MigProfileState, mig_profiles, [MIG_PROFILE_LIMIT]) \
    X(SampleState, samples, [SAMPLE_LIMIT]) \
    /* faults: 0 = none, otherwise the return code */ \
    X(uint16_t, function_result, [FUNCTION_LIMIT]) \
    X(uint8_t, function_hang, [FUNCTION_LIMIT]) \
    X(uint32_t, function_latency_microseconds, [FUNCTION_LIMIT]) \
    X(uint16_t, field_result, [FIELD_LIMIT]) \
    X(uint16_t, gpm_result, [GPM_METRIC_LIMIT])
