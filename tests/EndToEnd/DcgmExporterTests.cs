using FluentAssertions;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>What a site has for dcgm-exporter goes on with the agent in its place: the well-known dashboard and the usual rules, in a real Prometheus.</summary>
[Collection(nameof(DcgmExporterTests))]
public sealed class DcgmExporterTests(DcgmExporterCluster cluster)
{
    private const string Hot = "0";
    private const string MemoryErrors = "1";
    private const string Links = "2";
    private const string Remapping = "3";
    private const string Pcie = "4";
    private const string Fallen = "5";
    private const string Idle = "6";
    private const string Node = "node";
    private const uint SoftwarePowerCap = 4;

    /// <summary>The rules that sites have for dcgm-exporter, with seconds for minutes, and the GPUs for which each is to fire; none for one that is to stay silent.</summary>
    internal static readonly UsualRule[] Rules =
    [
        new("GpuTemperatureHigh", "DCGM_FI_DEV_GPU_TEMP > 85", [Hot]),
        new("GpuMemoryTemperatureHigh", "DCGM_FI_DEV_MEMORY_TEMP > 95", [Hot]),
        new("GpuThermalViolation", "rate(DCGM_FI_DEV_THERMAL_VIOLATION[10s]) > 1e8", [Hot]),
        new("GpuPowerViolation", "rate(DCGM_FI_DEV_POWER_VIOLATION[10s]) / 1e9 > 0.5", [Pcie]),
        new("GpuXid", "DCGM_FI_DEV_XID_ERRORS != 0", [MemoryErrors, Remapping, Fallen, Idle]),
        new("GpuXidChanged", "changes(max by (Hostname, gpu, UUID) (DCGM_FI_DEV_XID_ERRORS)[20s:1s]) > 0", [MemoryErrors, Remapping, Fallen, Idle]),
        new("GpuFellOffTheBus", "DCGM_FI_DEV_XID_ERRORS{err_code=\"79\"} == 79", [Fallen]),
        new("GpuCountLow", $"count by (Hostname) (DCGM_FI_DEV_GPU_TEMP) < {DcgmExporterCluster.GpuCount}", [Node]),
        new("GpuDoubleBitErrors", "increase(DCGM_FI_DEV_ECC_DBE_VOL_TOTAL[20s]) > 0", [MemoryErrors, Remapping]),
        new("GpuSingleBitErrors", "increase(DCGM_FI_DEV_ECC_SBE_VOL_TOTAL[20s]) > 10", [MemoryErrors]),
        new("GpuLifetimeDoubleBitErrors", "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL > 0", [MemoryErrors, Remapping]),
        new("GpuRowRemapPending", "DCGM_FI_DEV_ROW_REMAP_PENDING == 1", [Remapping]),
        new("GpuRowRemapFailure", "DCGM_FI_DEV_ROW_REMAP_FAILURE == 1", []),
        new("GpuUncorrectableRowsRemapped", "max by (Hostname, UUID, gpu, modelName) (DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS) > 0", [Remapping]),
        new("GpuCorrectableRowsRemapped", "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS > 0", []),
        new("GpuMemoryAlmostFull", "DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE) > 0.95", [Idle]),
        new("GpuHeldWithoutWork", "avg_over_time(DCGM_FI_DEV_GPU_UTIL[5s]) < 5 and DCGM_FI_DEV_FB_USED > 1024", [Idle]),
        new("GpuPcieReplays", "rate(DCGM_FI_DEV_PCIE_REPLAY_COUNTER[10s]) > 1", [Pcie]),
        new("GpuNvlinkReplays", "increase(DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL[10s]) > 0", [Links]),
        new("GpuNvlinkCrcErrors", "increase(DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL[10s]) + increase(DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL[10s]) > 0", []),
        new("GpuNvlinkRecoveries", "increase(DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL[10s]) > 0", []),
        new("GpuPowerOverModel", "max by (modelName, Hostname, gpu) (DCGM_FI_DEV_POWER_USAGE) > 1000", []),
        new("GpuTensorCoresUnused", "avg by (Hostname) (DCGM_FI_PROF_PIPE_TENSOR_ACTIVE) < 0.01", []),
        new("DcgmExporterDown", $"up{{job=\"{DcgmExporterCluster.Job}\"}} == 0", [], For: "10s"),
        new("DcgmExporterAbsent", "absent(DCGM_FI_DEV_GPU_TEMP)", [], For: "10s"),
    ];

    /// <summary>What the panels of dashboard 12239 ask for, and whether the answer has a line for each GPU or one for all.</summary>
    public static TheoryData<string, bool> PanelQueries => new()
    {
        { """DCGM_FI_DEV_GPU_TEMP{instance=~"$instance", gpu=~"$gpu"}""", true },
        { """avg(DCGM_FI_DEV_GPU_TEMP{instance=~"$instance", gpu=~"$gpu"})""", false },
        { """DCGM_FI_DEV_POWER_USAGE{instance=~"$instance", gpu=~"$gpu"}""", true },
        { """sum(DCGM_FI_DEV_POWER_USAGE{instance=~"$instance", gpu=~"$gpu"})""", false },
        { """DCGM_FI_DEV_SM_CLOCK{instance=~"$instance", gpu=~"$gpu"} * 1000000""", true },
        { """DCGM_FI_DEV_GPU_UTIL{instance=~"$instance", gpu=~"$gpu"}""", true },
        { """DCGM_FI_DEV_FB_USED{instance=~"$instance", gpu=~"$gpu"}""", true },
        { """DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{instance=~"$instance", gpu=~"$gpu"}""", true },
    };

    /// <summary>What rules of 4.9 look at.</summary>
    public static TheoryData<string> LaterQueries =>
    [
        "DCGM_FI_DEV_GPU_TEMP_CELSIUS > 0", "DCGM_FI_DEV_MEMORY_TEMP_CELSIUS > 0", "DCGM_FI_DEV_BOARD_POWER_WATTS > 50", "DCGM_FI_DEV_SM_CLOCK_HERTZ > 1e8", "DCGM_FI_DEV_MEMORY_CLOCK_HERTZ > 1e8",
        "rate(DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL[10s]) > 50", "DCGM_FI_DEV_GPU_UTIL_RATIO <= 1", "DCGM_FI_DEV_MEMORY_UTIL_RATIO <= 1", "DCGM_FI_DEV_XID_ERROR == 0",
        "rate(DCGM_FI_DEV_GPU_POWER_THROTTLE_SECONDS_TOTAL[10s])", "rate(DCGM_FI_DEV_GPU_THERMAL_THROTTLE_SECONDS_TOTAL[10s])", "increase(DCGM_FI_DEV_ECC_DBE_VOL_TOTAL[10s])",
        "DCGM_FI_DEV_ROW_REMAP_FAILED == 0", "DCGM_FI_DEV_ROW_REMAP_PENDING == 0", "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL == 0", "rate(DCGM_FI_DEV_PCIE_REPLAY_TOTAL[10s])", "rate(DCGM_FI_DEV_NVLINK_REPLAY_ERROR_TOTAL[10s])",
        "DCGM_FI_DEV_FB_USED_BYTES / (DCGM_FI_DEV_FB_USED_BYTES + DCGM_FI_DEV_FB_FREE_BYTES) < 1", "DCGM_FI_DEV_FB_CAPACITY_BYTES > 8e10", "DCGM_FI_PROF_TENSOR_UTIL_RATIO > 0", "DCGM_FI_DEV_NVLINK_THROUGHPUT_BYTES_PER_SECOND > 1e6",
        "count by (hostname, DCGM_FI_SYSTEM_DRIVER_VERSION, gpu) (DCGM_FI_DEV_GPU_TEMP_CELSIUS{hostname=\"node-2\", DCGM_FI_SYSTEM_DRIVER_VERSION=~\".+\"})",
    ];

    [Theory]
    [MemberData(nameof(PanelQueries))]
    public async Task Every_panel_of_the_well_known_dashboard_shows_every_gpu(string query, bool isPerGpu)
    {
        // "All" of a variable is every value that its query gives.
        var instances = await cluster.LabelValuesAsync("DCGM_FI_DEV_GPU_TEMP", "instance");
        var gpus = await cluster.LabelValuesAsync("DCGM_FI_DEV_GPU_TEMP", "gpu");
        instances.Should().Equal(cluster.Instance);
        gpus.Should().BeEquivalentTo(Enumerable.Range(0, DcgmExporterCluster.GpuCount).Select(static gpu => $"{gpu}"));

        var series = await cluster.SeriesAsync(query.Replace("$instance", $"({string.Join('|', instances.Select(static one => one.Replace(".", @"\\.", StringComparison.Ordinal)))})", StringComparison.Ordinal)
            .Replace("$gpu", $"({string.Join('|', gpus)})", StringComparison.Ordinal), cluster.HealthyAt);

        if (isPerGpu) series.Select(static one => one["gpu"]).Should().BeEquivalentTo(gpus);
        else series.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(LaterQueries))]
    public async Task Every_name_of_4_9_has_an_answer_for_every_gpu(string query) =>
        (await cluster.SeriesAsync(query)).Where(series => series.GetValueOrDefault("instance", cluster.LaterInstance) == cluster.LaterInstance).Select(static series => series["gpu"]).Should().BeEquivalentTo(Enumerable.Range(0, DcgmExporterCluster.LaterGpuCount).Select(static gpu => $"{gpu}"), query);

    [Fact]
    public async Task The_job_of_a_gpu_stands_on_its_series_alone()
    {
        await cluster.UntilAsync("GPU 0 has its job", async () => (await cluster.SeriesAsync($"DCGM_FI_DEV_GPU_UTIL{{hpc_job=\"{DcgmExporterCluster.SlurmJob}\", Hostname=\"node-1\"}}")) is [var series] && series["gpu"] == "0");

        (await cluster.SeriesAsync("{hpc_job!=\"\", gpu!=\"0\"}")).Should().BeEmpty();
    }

    [Fact]
    public async Task The_usual_rules_fire_for_the_gpus_to_which_it_happened_and_for_no_other()
    {
        (await cluster.RuleErrorsAsync()).Should().BeEmpty();
        (await FiredAsync()).Should().BeEmpty("nothing has happened yet");
        Break(cluster.Node);

        string[] expected = [.. Rules.SelectMany(static rule => rule.Gpus.Select(gpu => $"{rule.Name} {gpu}"))];
        string[] fired = [];
        try
        {
            await cluster.UntilAsync("every rule fired", async () => expected.Except(fired = await FiredAsync()).Any() is false);
        }
        finally
        {
            fired.Should().BeEquivalentTo(expected);
        }
        (await cluster.RuleErrorsAsync()).Should().BeEmpty();
    }

    /// <summary>Every alert that has fired, with the GPU.</summary>
    private async Task<string[]> FiredAsync() =>
        [.. (await cluster.SeriesAsync("group by (alertname, gpu) (last_over_time(ALERTS{alertstate=\"firing\"}[10m]))")).Select(static series => $"{series["alertname"]} {series.GetValueOrDefault("gpu", Node)}")];

    private static void Break(SimulatedNode node)
    {
        node.StartIncident("thermal_throttle", int.Parse(Hot), parameters: Parameters("resistance=10"));
        node.StartIncident("ecc_burst", int.Parse(MemoryErrors), parameters: Parameters("uncorrected=1"));
        node.StartIncident("nvlink_errors", int.Parse(Links));
        node.StartIncident("row_remap_pending", int.Parse(Remapping));
        node.StartIncident("pcie_degraded", int.Parse(Pcie));
        node.Gpus[int.Parse(Pcie)].ClockEventReasons = SoftwarePowerCap;
        node.StartIncident("xid_79", int.Parse(Fallen));
        var idle = node.Gpus[int.Parse(Idle)];
        idle.GpuUtilizationPercent = 0;
        idle.MemoryUsedBytes = (ulong)(idle.MemoryTotalBytes * 0.97);
        // One that only the kernel's log tells of.
        node.WriteKernelLine($"NVRM: Xid (PCI:{idle.State.PciDomain:x4}:{idle.State.PciBus:x2}:{idle.State.PciDevice:x2}): 31, pid=90000, name=python3, simulated");
    }

    private static IEnumerable<KeyValuePair<string, string>> Parameters(string parameter) => parameter.Split('=') is [var name, var value] ? [KeyValuePair.Create(name, value)] : [];

    /// <summary>A rule as sites have it.</summary>
    /// <param name="Gpus">The GPUs for which it is to fire.</param>
    /// <param name="For">How long it must hold; before its first scrape Prometheus has nothing.</param>
    internal sealed record UsualRule(string Name, string Expression, string[] Gpus, string For = "0s");
}
