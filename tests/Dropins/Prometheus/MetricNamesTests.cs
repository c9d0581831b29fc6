using FluentAssertions;
using OpenTelemetry.Exporter.Prometheus.Naming;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class MetricNamesTests
{
    [Theory]
    [InlineData("gpu.temperature", "Cel", "gpu_temperature_celsius", "celsius")]
    [InlineData("gpu.temperature.celsius", "Cel", "gpu_temperature_celsius", "celsius")]
    [InlineData("gpu.clock", "Hz", "gpu_clock_hertz", "hertz")]
    [InlineData("gpu.power", "W", "gpu_power_watts", "watts")]
    [InlineData("gpu.utilization", "1", "gpu_utilization_ratio", "ratio")]
    [InlineData("gpu.utilization.ratio", "1", "gpu_utilization_ratio", "ratio")]
    [InlineData("gpu.pcie.transmit", "By/s", "gpu_pcie_transmit_bytes_per_second", "bytes_per_second")]
    [InlineData("gpu.memory.used", "By", "gpu_memory_used_bytes", "bytes")]
    [InlineData("gpu.processes", "{process}", "gpu_processes", "")]
    [InlineData("gpu.pcie.link_width", "{lane}", "gpu_pcie_link_width", "")]
    [InlineData("requests", "{request}/s", "requests_per_second", "per_second")]
    [InlineData("speed", "m/s", "speed_meters_per_second", "meters_per_second")]
    [InlineData("price", "By/", "price_By", "By")]
    [InlineData("units", "# RU", "units_RU", "RU")]
    [InlineData("share", "%", "share_percent", "percent")]
    [InlineData("a..b--c", null, "a_b_c", "")]
    [InlineData("a_b:c", null, "a_b:c", "")]
    [InlineData("9lives", null, "_lives", "")]
    [InlineData("température", null, "temp_rature", "")]
    [InlineData("gpu.kilowatts", "W", "gpu_kilowatts", "")]
    [InlineData("seconds", "s", "seconds", "")]
    [InlineData("a.", "s", "a_seconds", "seconds")]
    [InlineData("gpu.power.watts.max", "W", "gpu_power_watts_max_watts", "watts")]
    [InlineData("gpu.power.max", "W", "gpu_power_max_watts", "watts")]
    [InlineData("gpu.power.watts.max", "", "gpu_power_watts_max", "")]
    public void A_gauge_is_named_by_name_and_unit(string name, string? unit, string expected, string expectedUnit)
        => MetricNames.Create(name, unit, FamilyKind.Gauge, disableTotalSuffix: false)
            .Should().Be(new MetricNames(expected, expected, expected, expectedUnit));

    [Theory]
    [InlineData("gpu.energy", "J", "gpu_energy_joules", "gpu_energy_joules_total")]
    [InlineData("gpu.energy.total", "J", "gpu_energy_joules", "gpu_energy_joules_total")]
    [InlineData("gpu.energy.joules.total", "J", "gpu_energy_joules", "gpu_energy_joules_total")]
    [InlineData("gpu.xid.events", "{event}", "gpu_xid_events", "gpu_xid_events_total")]
    [InlineData("gpu.pcie.replays", null, "gpu_pcie_replays", "gpu_pcie_replays_total")]
    [InlineData("gpu.samples", "1", "gpu_samples", "gpu_samples_total")]
    [InlineData("total", null, "total", "total_total")]
    public void A_counter_ends_with_total_and_its_family_does_not(string name, string? unit, string family, string sample)
    {
        MetricNames names = MetricNames.Create(name, unit, FamilyKind.Counter, disableTotalSuffix: false);

        names.Family.Should().Be(family);
        names.TextName.Should().Be(sample);
        names.OpenMetricsSample.Should().Be(sample);
    }

    [Theory]
    [InlineData("gpu.energy", "gpu_energy_joules")]
    [InlineData("gpu.energy.total", "gpu_energy_joules_total")]
    public void Without_the_suffix_only_the_text_format_leaves_total_away_and_only_where_it_was_not_given(string name, string textName)
    {
        MetricNames names = MetricNames.Create(name, "J", FamilyKind.Counter, disableTotalSuffix: true);

        names.TextName.Should().Be(textName);
        names.OpenMetricsSample.Should().Be("gpu_energy_joules_total");
    }

    [Fact]
    public void Only_gauges_of_unit_one_are_ratios()
        => MetricNames.Create("batch.size", "1", FamilyKind.Histogram, disableTotalSuffix: false).Family.Should().Be("batch_size");

    [Theory]
    [InlineData("gpu", "gpu")]
    [InlineData("k8s.pod.name", "k8s_pod_name")]
    [InlineData("a--b", "a_b")]
    [InlineData("a:b", "a_b")]
    [InlineData("0day", "_0day")]
    [InlineData("", "_")]
    [InlineData("名", "_")]
    public void A_label_name_has_only_letters_digits_and_single_underscores(string key, string expected)
        => PrometheusNames.Label(key).Should().Be(expected);
}
