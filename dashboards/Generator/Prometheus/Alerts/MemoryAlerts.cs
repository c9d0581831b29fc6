namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>Faults of the device memory.</summary>
internal static class MemoryAlerts
{
    private const string Component = "memory";

    internal static AlertGroup Group { get; } = new("gpu-memory",
    [
        new("GpuUncorrectableEcc", Component, AlertScope.Gpu,
            "sum by (%per_gpu%, location) (increase(gpu_ecc_errors_total{type=\"uncorrectable\"}[%window%])) > %threshold%",
            "<gpu> has uncorrectable memory errors (<label:location>)",
            "Uncorrectable errors in <label:location> of <gpu>: <value:count> within %window%. The program that met them died. Drain the GPU, reset it, and see whether a row was remapped; in SRAM look at the threshold flag."),
        new("GpuXidContainedMemoryError", Component, AlertScope.Gpu,
            "sum by (%per_gpu%) (node_gpu_xid:gpu_xid_events:increase%incident_window%{xid=~\"%xids_contained%\"}) > 0",
            "<gpu> had a memory error that was contained to one program",
            "XID 94 came <value:count> times on <gpu>. Only the program that met the error is lost: restart it, and reset the GPU at the next drain."),
        new("GpuRowRemapFailure", Component, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_row_remap_failure) == 1",
            "<gpu> could not replace a faulty memory row",
            "There is no spare row left for a faulty one of <gpu> (flag <value>). Drain the GPU, run the field diagnostic and return it."),
        new("GpuRowRemapPending", Component, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_row_remap_pending) == 1",
            "<gpu> waits for a reset to replace a memory row",
            "A faulty memory row of <gpu> is set aside and its spare is used after the next reset (flag <value>). Work goes on safely; drain the GPU, reset it and check that nothing is pending."),
        new("GpuRowRemapBankExhausted", Component, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_row_remap_banks{availability=\"none\"}) > %threshold%",
            "<gpu> has memory banks without a spare row",
            "<value> memory banks of <gpu> have no spare row left: the next uncorrectable error there cannot be repaired. Plan the replacement."),
        new("GpuRowRemapLimit", Component, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_row_remapped_rows{cause=\"uncorrectable\"}) >= %threshold%",
            "<gpu> has replaced as many memory rows as it may",
            "<value> rows of <gpu> were replaced for uncorrectable errors, the limit is %threshold%. Return the GPU."),
        new("GpuPageRetirementLimit", Component, AlertScope.Gpu,
            "sum by (%per_gpu%) (gpu_retired_pages) >= %threshold%",
            "<gpu> has retired as many memory pages as it may",
            "<value> pages of <gpu> are retired, the limit is %threshold%. Return the GPU."),
        new("GpuSramEccThresholdExceeded", Component, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_ecc_sram_threshold_exceeded) == 1",
            "<gpu> passed the threshold of SRAM errors at which it is replaced",
            "The driver says that uncorrectable SRAM errors of <gpu> passed NVIDIA's threshold (flag <value>). Drain the GPU, run the field diagnostic and return it."),
        new("GpuCorrectableEccStorm", Component, AlertScope.Gpu,
            """
            sum by (%per_gpu%) (increase(gpu_xid_events_total{xid=~"%xids_storm%"}[%window%])) > 0
            or
            node_gpu:gpu_ecc_errors:correctable_sram_increase1d > %threshold%
            """,
            "<gpu> corrects memory errors at a rate that announces worse",
            "<gpu> reported XID 92 within %window%, or corrected more than %threshold% SRAM errors in a day (seen: <value>). Nothing is lost yet: watch the remapped rows and plan a diagnostic for the next drain."),
        new("GpuEccDisabled", Component, AlertScope.Gpu,
            "max by (%per_gpu%) (gpu_ecc_mode_enabled) == 0",
            "ECC is off on <gpu>",
            "<gpu> can correct memory errors and does not (mode <value>): wrong results go unseen. Switch ECC on, which needs a reset, or silence this with a reason."),
        // On a divided GPU the programs belong to its instances, and the board may have none.
        new("GpuMemoryHeldWithoutProcess", Component, AlertScope.Gpu,
            """
            max by (%per_gpu%) (gpu_memory_used_bytes{mig_gi=""}) > %threshold%
            and on (cluster, node, gpu) gpu_processes{mig_gi=""} == 0
            unless on (cluster, node, gpu) gpu_mig_mode_enabled == 1
            """,
            "Memory of <gpu> is held and no program is there",
            "<value:bytes> of <gpu> are in use, more than %threshold:gigabytes%, and no process has a context. Look for processes in state D or Z, end them, and reset the GPU if the memory stays in use."),
    ]);
}
