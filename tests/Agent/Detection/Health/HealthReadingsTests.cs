using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Health;

public sealed class HealthReadingsTests
{
    [Fact]
    public void Every_component_is_in_exactly_one_state()
    {
        var test = new HealthUnderTest();
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu1);
        test.Fire(HealthUnderTest.Rule("fabric_slow", HealthState.Degraded, component: Components.Fabric), null);
        test.Health.Look();
        var readings = new NodeReadings();
        HealthReadings.Register(readings, test.Health);

        var read = readings.Read(MetricTable.HealthState).ToArray();

        read.Should().HaveCount(3 * (3 + 9 + 9));
        read.GroupBy(static reading => string.Join('/', reading.Labels[..3])).Should().OnlyContain(static states => states.Sum(static state => state.Value) == 1);
        read.Where(static reading => reading.Value == 1 && reading.Labels[3] != "healthy").Select(static reading => string.Join('/', reading.Labels))
            .Should().BeEquivalentTo("1/GPU-bbbb/thermal/unhealthy", "node//fabric/degraded");
    }

    [Fact]
    public void A_full_node_stays_below_the_most_series_that_are_declared()
    {
        var test = new HealthUnderTest();
        for (var round = 0; round < 4; round++)
        {
            GpuSubject[] gpus = [.. Enumerable.Range(0, 16).Select(index => new GpuSubject(index, $"GPU-{round}-{index}"))];
            test.ShowGpus(gpus);
            foreach (var gpu in gpus)
                foreach (var component in Components.All) test.Fire(HealthUnderTest.Rule("rule", by: ClearedBy.Person, component: component), gpu);
        }
        test.Health.Look();
        var readings = new NodeReadings();
        HealthReadings.Register(readings, test.Health);
        readings.Read(MetricTable.HealthState).Count().Should().BeLessThanOrEqualTo(MetricTable.HealthState.SeriesAtMost);
    }
}
