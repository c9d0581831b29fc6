using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Sampling;
using Monitoring.Collector.Series;
using OpenTelemetry.Exporter.Prometheus.Naming;
using Xunit;

namespace Monitoring.Tests.Collector.Series;

public sealed class PrometheusNameTests
{
    [Theory]
    // The product's own table.
    [InlineData("gpu.temperature", "Cel", "gauge", "gpu_temperature_celsius", "celsius")]
    [InlineData("gpu.energy", "J", "counter", "gpu_energy_joules_total", "joules")]
    [InlineData("gpu.utilization", "1", "gauge", "gpu_utilization_ratio", "ratio")]
    [InlineData("gpu.pcie.transmit", "By/s", "gauge", "gpu_pcie_transmit_bytes_per_second", "bytes_per_second")]
    [InlineData("gpu.throttle", "s", "counter", "gpu_throttle_seconds_total", "seconds")]
    [InlineData("gpu.clock.max", "Hz", "gauge", "gpu_clock_max_hertz", "hertz")]
    [InlineData("gpu.power", "W", "gauge", "gpu_power_watts", "watts")]
    [InlineData("gpu.power.watts.max", "W", "gauge", "gpu_power_watts_max", "watts")]
    [InlineData("gpu.devices", "{device}", "gauge", "gpu_devices", "")]
    [InlineData("gpu.info", "", "gauge", "gpu_info", "")]
    [InlineData("gpu_memory_used_bytes", "By", "gauge", "gpu_memory_used_bytes", "bytes")]
    [InlineData("gpu.xid.events", "{event}", "counter", "gpu_xid_events_total", "")]
    // The rule's corners.
    [InlineData("queue.size", "1", "up_down", "queue_size", "")]
    [InlineData("requests.total.count", "", "counter", "requests_count_total", "")]
    [InlineData("cache.ratio.hit", "1", "gauge", "cache_hit_ratio", "ratio")]
    [InlineData("process.runtime.ms", "ms", "gauge", "process_runtime_ms_milliseconds", "milliseconds")]
    [InlineData("disk.free", "KiBy", "gauge", "disk_free_kibibytes", "kibibytes")]
    [InlineData("load", "%", "gauge", "load_percent", "percent")]
    [InlineData("frames", "{frame}/s", "gauge", "frames_per_second", "per_second")]
    [InlineData("speed", "m/s", "gauge", "speed_meters_per_second", "meters_per_second")]
    [InlineData("flow", "1/s", "gauge", "flow_per_second", "per_second")]
    [InlineData("io.bytes", "By/s", "gauge", "io_bytes_per_second", "bytes_per_second")]
    [InlineData("a..b--c", "", "gauge", "a_b_c", "")]
    [InlineData("2nd.try", "", "gauge", "_2nd_try", "")]
    [InlineData("rule:name", "", "gauge", "rule:name", "")]
    [InlineData("odd", "foo bar", "gauge", "odd_foo_bar", "foo_bar")]
    [InlineData("wait", "s", "histogram", "wait_seconds", "seconds")]
    [InlineData("...", "s", "gauge", "", "")]
    public void A_name_is_translated_by_the_standard_rule(string name, string unit, string kind, string expected, string expectedUnit)
    {
        var series = kind switch { "counter" => SeriesKind.Counter, "histogram" => SeriesKind.Histogram, _ => SeriesKind.Gauge };
        PrometheusName.Translate(name, unit, series, isOtlpGauge: kind == "gauge").Should().Be((expected, expectedUnit));
    }

    [Theory]
    [InlineData("gpu", "gpu")]
    [InlineData("service.name", "service_name")]
    [InlineData("__name__", "_name_")]
    [InlineData("0day", "_0day")]
    [InlineData("a/b//c", "a_b_c")]
    [InlineData("ключ", "")]
    [InlineData("", "")]
    [InlineData("_", "")]
    public void A_label_becomes_what_prometheus_allows(string key, string expected) => PrometheusName.Label(key).Should().Be(expected);

    [Fact]
    public void Whatever_comes_in_comes_out_as_a_valid_name() => Prop.ForAll<NonNull<string>, NonNull<string>>((name, unit) =>
    {
        var (translated, _) = PrometheusName.Translate(name.Get, unit.Get, SeriesKind.Counter, isOtlpGauge: false);
        return IsValid(translated, allowsColon: true) && IsValid(PrometheusName.Label(name.Get), allowsColon: false);
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Every_metric_of_the_agent_has_the_same_name_here_and_on_the_agents_own_page()
    {
        foreach (var metric in MetricTable.All)
        {
            var isCounter = metric.Kind == MetricKind.Counter;
            var unit = metric.InstrumentUnit.Ucum ?? "";
            var (name, _) = PrometheusName.Translate(metric.InstrumentName, unit, isCounter ? SeriesKind.Counter : SeriesKind.Gauge, isOtlpGauge: !isCounter);
            name.Should().Be(MetricNames.Create(metric.InstrumentName, unit, isCounter ? FamilyKind.Counter : FamilyKind.Gauge, disableTotalSuffix: false).TextName);
        }
    }

    private static bool IsValid(string name, bool allowsColon)
    {
        if (name.Length == 0) return true;
        if (char.IsAsciiDigit(name[0]) || name.StartsWith("__", StringComparison.Ordinal)) return false;
        return name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_' || (allowsColon && character == ':'));
    }
}
