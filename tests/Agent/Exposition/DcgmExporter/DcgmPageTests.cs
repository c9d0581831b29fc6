using System.Buffers;
using System.Globalization;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.DcgmExporter;

[Collection(SimulatedDriverTests.Name)]
public sealed class DcgmPageTests
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Each field beside the agent's own series: name up to 4.8, name from 4.9, series, and how many of the field's unit one of the series' is.</summary>
    private static readonly (string Until48, string From49, string Series, double Scale, double LaterScale)[] Expected =
    [
        ("DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_SM_CLOCK_HERTZ", "gpu_clock_hertz{domain=sm}", 1e-6, 1),
        ("DCGM_FI_DEV_MEM_CLOCK", "DCGM_FI_DEV_MEMORY_CLOCK_HERTZ", "gpu_clock_hertz{domain=memory}", 1e-6, 1),
        ("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_TEMP_CELSIUS", "gpu_temperature_celsius{sensor=gpu}", 1, 1),
        ("DCGM_FI_DEV_MEMORY_TEMP", "DCGM_FI_DEV_MEMORY_TEMP_CELSIUS", "gpu_temperature_celsius{sensor=memory}", 1, 1),
        ("DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_BOARD_POWER_WATTS", "gpu_power_watts", 1, 1),
        ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL", "gpu_energy_joules_total", 1000, 1),
        ("DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_UTIL_RATIO", "gpu_utilization_ratio", 100, 1),
        ("DCGM_FI_DEV_MEM_COPY_UTIL", "DCGM_FI_DEV_MEMORY_UTIL_RATIO", "gpu_memory_utilization_ratio", 100, 1),
        ("DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_USED_BYTES", "gpu_memory_used_bytes", 1 / Mebibyte, 1),
        ("DCGM_FI_DEV_FB_FREE", "DCGM_FI_DEV_FB_FREE_BYTES", "gpu_memory_free_bytes", 1 / Mebibyte, 1),
        ("DCGM_FI_DEV_FB_RESERVED", "DCGM_FI_DEV_FB_RESERVED_BYTES", "gpu_memory_reserved_bytes", 1 / Mebibyte, 1),
        ("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "DCGM_FI_DEV_PCIE_REPLAY_TOTAL", "gpu_pcie_replays_total", 1, 1),
        ("DCGM_FI_DEV_POWER_VIOLATION", "DCGM_FI_DEV_GPU_POWER_THROTTLE_SECONDS_TOTAL", "gpu_throttle_seconds_total{reason=sw_power_cap}", 1e9, 1),
        ("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "DCGM_FI_PROF_TENSOR_UTIL_RATIO", "gpu_tensor_active_ratio", 1, 1),
        ("DCGM_FI_PROF_PCIE_TX_BYTES", "DCGM_FI_PROF_PCIE_TX_BYTES", "gpu_pcie_transmit_bytes_per_second", 1, 1),
        ("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL", "gpu_row_remapped_rows{cause=uncorrectable}", 1, 1),
    ];

    [Fact]
    public void A_value_is_that_of_the_agents_own_series_in_the_unit_of_the_field()
    {
        using var node = new PageUnderTest(gpus: 1, settings: new SamplingSettings { SlowInterval = TimeSpan.FromSeconds(1) });
        var gpu = node.Node.Gpus[0];
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            gpu.TemperatureCelsius = random.Next(20, 95);
            gpu.MemoryTemperatureCelsius = random.Next(20, 95);
            gpu.PowerMilliwatts = (uint)random.Next(50_000, 700_000);
            gpu.SmClockMegahertz = (uint)random.Next(200, 2000);
            gpu.GpuUtilizationPercent = (uint)random.Next(0, 101);
            gpu.MemoryUtilizationPercent = (uint)random.Next(0, 101);
            gpu.MemoryUsedBytes = (ulong)random.NextInt64(0, (long)gpu.MemoryTotalBytes / 2);
            gpu.AddPcieReplays((uint)random.Next(0, 3));
            gpu.AddRemappedRows(0, (uint)random.Next(0, 2));
            node.Advance(TimeSpan.FromSeconds(1));
            var own = SimulatedDriver.Values(node.Samplers[0].Sets[0]);
            var (until48, from49) = (Values(node.Samples(DcgmFlavour.Until482)), Values(node.Samples(DcgmFlavour.From49)));
            foreach (var field in Expected)
            {
                // Whole numbers are cut or rounded, decimals have six places.
                until48[field.Until48].Should().BeApproximately(own[field.Series] * field.Scale, 1, field.Until48);
                from49[field.From49].Should().BeApproximately(own[field.Series] * field.LaterScale, field.From49.Contains("RATIO", StringComparison.Ordinal) ? 1e-6 : 1, field.From49);
            }
        }).Check(Fuzzing.Cases(25));
    }

    [Fact]
    public void Every_value_has_the_form_that_dcgm_gives_its_type()
    {
        using var node = new PageUnderTest();
        foreach (var line in node.SecondScrape(DcgmFlavour.Until482).Split('\n').Where(static line => line.StartsWith("DCGM_", StringComparison.Ordinal)))
        {
            var hasDecimals = line.StartsWith("DCGM_FI_DEV_POWER_USAGE", StringComparison.Ordinal) || (line.StartsWith("DCGM_FI_PROF_", StringComparison.Ordinal) && !line.Contains("_BYTES", StringComparison.Ordinal));
            line[(line.LastIndexOf(' ') + 1)..].Should().MatchRegex(hasDecimals ? @"^\d+\.\d{6}$" : @"^\d+$", line);
        }
    }

    [Fact]
    public void Errors_on_the_chip_count_once()
    {
        using var node = new PageUnderTest(gpus: 1);
        node.Node.Gpus[0].AddEccErrors(EccError.Corrected, EccLocation.Sram, 3);
        node.Node.Gpus[0].AddEccErrors(EccError.Corrected, EccLocation.Dram, 4);
        node.Node.Gpus[0].AddEccErrors(EccError.Uncorrected, EccLocation.Dram, 1);
        node.Advance(TimeSpan.FromSeconds(11));

        var values = Values(node.Samples(DcgmFlavour.Until482));
        values["DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"].Should().Be(7);
        values["DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"].Should().Be(1);
        values["DCGM_FI_DEV_ECC_SBE_AGG_TOTAL"].Should().BeGreaterThanOrEqualTo(7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Link_errors_are_the_sum_of_the_links_however_the_agents_own_page_shows_them(bool perLink)
    {
        using var node = new PageUnderTest(gpus: 1, settings: new SamplingSettings { PerLinkErrors = perLink });
        var before = Values(node.Samples(DcgmFlavour.Until482))["DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL"];
        node.Node.Gpus[0].AddLinkErrors(3, LinkError.Replay, 5);
        node.Node.Gpus[0].AddLinkErrors(7, LinkError.Replay, 2);
        node.Advance(TimeSpan.FromSeconds(11));

        Values(node.Samples(DcgmFlavour.Until482))["DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL"].Should().Be(before + 7);
    }

    [Fact]
    public void The_rate_over_nvlink_is_that_between_two_scrapes()
    {
        using var node = new PageUnderTest(gpus: 1);
        var (megabytes, bytes) = (node.Page(DcgmFlavour.Until482), node.Page(DcgmFlavour.From49));
        var before = Bytes();
        PageUnderTest.Text(megabytes).Should().NotContain("NVLINK_BANDWIDTH", "one reading is no rate");
        PageUnderTest.Text(bytes);
        node.Advance(TimeSpan.FromSeconds(10));
        var rate = (Bytes() - before) / 10;

        rate.Should().BeGreaterThan(1e6, "the simulated job works over its links");
        Values(MetricsPage.Read(PageUnderTest.Text(bytes)))["DCGM_FI_DEV_NVLINK_THROUGHPUT_BYTES_PER_SECOND"].Should().BeApproximately(rate, 1);
        Values(MetricsPage.Read(PageUnderTest.Text(megabytes)))["DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL"].Should().Be(Math.Truncate(rate / 1_024_000));

        double Bytes() => SimulatedDriver.Values(node.Samplers[0].Sets[0]) is var own ? own["gpu_nvlink_transmit_bytes_total"] + own["gpu_nvlink_receive_bytes_total"] : 0;
    }

    [Fact]
    public void Before_the_first_xid_the_field_is_0_and_then_the_last_one_with_its_name()
    {
        using var node = new PageUnderTest(gpus: 1);
        var page = node.Page(DcgmFlavour.Until482);
        Xid(page).Should().Be((0, "0", "none"));
        node.Xids[node.Node.Gpus[0].Uuid] = 79;
        Xid(page).Should().Be((79, "79", "ROBUST_CHANNEL_GPU_HAS_FALLEN_OFF_THE_BUS"));
        node.Xids[node.Node.Gpus[0].Uuid] = 9999;
        Xid(page).Should().Be((9999, "9999", "unknown"));

        static (double, string, string) Xid(DcgmPage page)
        {
            var sample = MetricsPage.Read(PageUnderTest.Text(page)).Single(static sample => sample.Name == "DCGM_FI_DEV_XID_ERRORS");
            return (sample.Value, sample.Labels["err_code"], sample.Labels["err_msg"]);
        }
    }

    [Fact]
    public void Labels_stand_in_dcgm_exporters_order_and_the_job_where_it_is_known()
    {
        using var node = new PageUnderTest(gpus: 1);
        var page = node.Page(DcgmFlavour.Until482);
        var gpu = node.Node.Gpus[0].Uuid;
        const string Start = "gpu,UUID,pci_bus_id,device,modelName,Hostname,DCGM_FI_DRIVER_VERSION";
        Names(page, "GPU_TEMP").Should().Be(Start);
        node.Jobs[gpu] = new JobReference("slurm", "4711");
        Names(page, "GPU_TEMP").Should().Be(Start + ",hpc_job");
        node.Jobs[gpu] = new JobReference("kubernetes", "uid", Namespace: "research", Pod: "trainer-0", Container: "main");
        Names(page, "GPU_TEMP").Should().Be(Start + ",container,namespace,pod");
        Names(page, "XID_ERRORS").Should().Be(Start + ",container,err_code,err_msg,namespace,pod");
        node.Jobs.Remove(gpu);
        Names(page, "XID_ERRORS").Should().Be(Start + ",err_code,err_msg");
        Names(node.Page(DcgmFlavour.From49), "GPU_TEMP_CELSIUS").Should().Be("gpu,UUID,pci_bus_id,device,modelName,hostname,DCGM_FI_SYSTEM_DRIVER_VERSION");

        static string Names(DcgmPage page, string field) =>
            string.Join(',', MetricsPage.Read(PageUnderTest.Text(page)).Single(sample => sample.Name == "DCGM_FI_DEV_" + field).Labels.Keys);
    }

    [Fact]
    public void What_is_special_in_a_label_is_escaped()
    {
        const string Ugly = "a\"b\\c\nd, {e}=\u00e4";
        using var node = new PageUnderTest(gpus: 1) { Host = Ugly };
        node.Jobs[node.Node.Gpus[0].Uuid] = new JobReference("kubernetes", "uid", Namespace: Ugly, Pod: "p");

        var samples = node.Samples(DcgmFlavour.Until482);

        samples.Should().OnlyContain(static sample => sample.Labels["Hostname"] == Ugly && sample.Labels["namespace"] == Ugly);
        node.Text(DcgmFlavour.Until482).Should().Contain("Hostname=\"a\\\"b\\\\c\\nd, {e}=\u00e4\"");
    }

    [Fact]
    public void What_is_no_longer_read_is_absent_but_the_xid_stays()
    {
        using var node = new PageUnderTest(gpus: 2);
        node.Xids[node.Node.Gpus[1].Uuid] = 79;
        node.Time.Advance(TimeSpan.FromSeconds(5));
        // One GPU is read on; the other's driver call does not come back.
        node.Samplers[0].Tick();

        var samples = node.Samples(DcgmFlavour.Until482);

        var ofStuck = samples.Where(static sample => sample.Labels["gpu"] == "1").Select(static sample => sample.Name).ToArray();
        ofStuck.Should().Contain("DCGM_FI_DEV_XID_ERRORS").And.Contain("DCGM_FI_DEV_ROW_REMAP_FAILURE", "the slow tier may be 30 s old").And.NotContain("DCGM_FI_DEV_GPU_TEMP").And.NotContain("DCGM_FI_PROF_DRAM_ACTIVE");
        samples.Should().Contain(static sample => sample.Name == "DCGM_FI_DEV_GPU_TEMP" && sample.Labels["gpu"] == "0");
        node.Time.Advance(TimeSpan.FromMinutes(1));
        node.Text(DcgmFlavour.Until482).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#').Should().HaveCount(2).And.OnlyContain(static line => line.StartsWith("DCGM_FI_DEV_XID_ERRORS{"));
    }

    [Fact]
    public void What_a_gpu_does_not_have_has_neither_line_nor_heading()
    {
        using var node = new PageUnderTest("t4", gpus: 1);

        node.Text(DcgmFlavour.Until482).Should().NotContain("NVLINK").And.NotContain("DCGM_FI_PROF_DRAM_ACTIVE").And.NotContain("ROW_REMAP").And.Contain("DCGM_FI_DEV_RETIRED_DBE{").And.NotContain("NaN");
    }

    [Fact]
    public void A_divided_gpu_has_a_line_for_each_instance_in_place_of_its_own()
    {
        using var node = new PageUnderTest("h100-mig", gpus: 1);
        var sets = node.Samplers[0].Sets;
        var samples = node.Samples(DcgmFlavour.Until482);

        var used = samples.Where(static sample => sample.Name == "DCGM_FI_DEV_FB_USED").ToArray();
        used.Should().HaveCount(4).And.OnlyHaveUniqueItems(static sample => sample.Labels["GPU_I_ID"]);
        foreach (var sample in used)
        {
            var own = sets.Single(set => set.Series.Mig?.GpuInstance.ToString(CultureInfo.InvariantCulture) == sample.Labels["GPU_I_ID"]);
            sample.Labels["GPU_I_PROFILE"].Should().Be(own.Series.Mig!.Profile);
            sample.Value.Should().Be(Math.Truncate(own.Series.Value(own.Series.RangeOf(MetricTable.MemoryUsed).Start) / Mebibyte));
        }
        // What the driver says of the board alone stands on each of them.
        samples.Where(static sample => sample.Name == "DCGM_FI_DEV_POWER_USAGE").Should().HaveCount(4).And.OnlyContain(sample => sample.Value == samples.First(static other => other.Name == "DCGM_FI_DEV_POWER_USAGE").Value);
        samples.Should().OnlyContain(static sample => sample.Labels.ContainsKey("GPU_I_ID"));
    }

    [Fact]
    public void A_scrape_calls_the_driver_never_and_allocates_next_to_nothing()
    {
        using var node = new PageUnderTest(gpus: 8);
        node.Jobs[node.Node.Gpus[0].Uuid] = new JobReference("slurm", "4711");
        var page = node.Page(DcgmFlavour.Until482);
        var into = new ArrayBufferWriter<byte>(1 << 20);
        for (var round = 0; round < 4; round++) Scrape();
        var calls = node.Node.CallStatistics.Calls;

        var allocated = new List<long>();
        for (var round = 0; round < 8; round++)
        {
            node.Time.Advance(TimeSpan.FromMilliseconds(100));
            var before = GC.GetAllocatedBytesForCurrentThread();
            Scrape();
            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        node.Node.CallStatistics.Calls.Should().Be(calls);
        into.WrittenCount.Should().BeGreaterThan(50_000);
        // The list of sets that the test itself makes in Page.
        allocated.Order().ElementAt(allocated.Count / 2).Should().BeLessThan(1024, "eight GPUs have over three hundred lines");

        void Scrape()
        {
            into.ResetWrittenCount();
            page.Write(into);
        }
    }

    private static Dictionary<string, double> Values(IReadOnlyList<MetricSample> samples) => samples.ToDictionary(static sample => sample.Name, static sample => sample.Value);
}
