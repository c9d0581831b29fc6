using System.Globalization;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Sampling;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;
using Metric = OpenTelemetry.Metrics.Metric;

namespace Monitoring.Tests.Agent.Exposition;

public sealed class MetricInstrumentsTests
{
    private readonly ManualTimeProvider time = new();
    private readonly NodeReadings readings = new();

    [Fact]
    public void Every_row_that_a_stage_answers_for_is_collected_under_its_name()
    {
        readings.Add(MetricTable.Devices, static () => 8);
        readings.Add(MetricTable.DriverErrors, static () => [new NodeReading(3, "0", "GPU-1", "nvml", "timeout")]);
        var seen = new Seen();
        using var instruments = Instruments();
        using var provider = Provider(seen);

        provider.ForceFlush();

        seen.Series.Should().Contain("gpu.devices cluster=c,node=n 8").And.Contain("gpu.agent.driver.errors cluster=c,code=timeout,collector=nvml,gpu=0,node=n,uuid=GPU-1 3");
    }

    [Fact]
    public void What_has_no_value_is_not_collected()
    {
        readings.Add(MetricTable.Devices, static () => double.NaN);
        var seen = new Seen();
        using var instruments = Instruments();
        using var provider = Provider(seen);

        provider.ForceFlush();

        seen.Series.Should().BeEmpty();
    }

    [Fact]
    public void Processes_that_come_and_go_never_use_up_the_room_for_processes()
    {
        var firstPid = 0;
        readings.Add(MetricTable.ProcessMemory, () => Enumerable.Range(firstPid, 50).Select(static pid => new NodeReading(1, "0", "GPU-1", pid.ToString(CultureInfo.InvariantCulture), "python")));
        var seen = new Seen();
        using var instruments = Instruments();
        using var provider = Provider(seen);

        for (; firstPid < 20_000; firstPid += 50)
        {
            seen.Series.Clear();
            provider.ForceFlush();
            instruments.Renew();
            seen.Series.Should().HaveCount(50).And.Contain(series => series.Contains($"pid={firstPid},")).And.NotContain(static series => series.Contains("overflow"));
        }
    }

    private MetricInstruments Instruments()
    {
        var settings = new SamplingSettings();
        var node = new NodeSampler("c", "n", new DeviceSettings(), settings, time, NullLogger<NodeSampler>.Instance);
        return new MetricInstruments(node, readings, new Freshness(settings, time), "c", "n");
    }

    private static MeterProvider Provider(Seen seen) =>
        MetricProvider.Build(new Dictionary<string, object>(), builder => builder.AddReader(new BaseExportingMetricReader(seen)));

    private sealed class Seen : BaseExporter<Metric>
    {
        internal List<string> Series { get; } = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var labels = new List<string>();
                    foreach (var tag in point.Tags) labels.Add($"{tag.Key}={tag.Value}");
                    labels.Sort(StringComparer.Ordinal);
                    var value = metric.MetricType == MetricType.DoubleGauge ? point.GetGaugeLastValueDouble() : point.GetSumDouble();
                    Series.Add(string.Create(CultureInfo.InvariantCulture, $"{metric.Name} {string.Join(',', labels)} {value}"));
                }
            return ExportResult.Success;
        }
    }
}
