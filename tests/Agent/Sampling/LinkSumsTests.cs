using FluentAssertions;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

[Collection(SimulatedDriverTests.Name)]
public sealed class LinkSumsTests
{
    [Fact]
    public void Errors_are_the_sum_over_the_links_and_have_no_label_of_one()
    {
        using var driver = new SimulatedDriver("h100", 1);
        driver.Node.Gpus[0].AddLinkErrors(3, LinkError.Replay, 5);
        driver.Node.Gpus[0].AddLinkErrors(17, LinkError.Replay, 2);
        var set = driver.Sampler().Sets[0];

        var replays = set.Sums.All.Single(static sum => sum.Tags.Contains(new("type", "replay")));
        replays.Value().Should().Be(7);
        replays.Tags.Select(static tag => tag.Key).Should().Equal("cluster", "node", "gpu", "uuid", "type");
        SimulatedDriver.Values(set)["gpu_nvlink_errors_total{link=3,type=replay}"].Should().Be(5, "rules look at each link");
    }

    [Fact]
    public void A_type_that_no_link_tells_has_no_sum()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var set = driver.Sampler().Sets[0];

        set.Sums.All.Single(static sum => sum.Tags.Contains(new("type", "symbol"))).Value().Should().Be(double.NaN);
    }

    [Fact]
    public void A_link_that_goes_down_takes_no_errors_along_and_counts_on_from_its_own_zero()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var gpu = driver.Node.Gpus[0];
        gpu.AddLinkErrors(3, LinkError.Replay, 5);
        gpu.AddLinkErrors(4, LinkError.Replay, 100);
        var sampler = driver.Sampler();
        var set = sampler.Sets[0];
        var replays = set.Sums.All.Single(static sum => sum.Tags.Contains(new("type", "replay")));
        replays.Value().Should().Be(105);

        gpu.SetLinkUp(3, isUp: false);
        driver.Advance(sampler, TimeSpan.FromSeconds(11));
        SimulatedDriver.Values(set).Should().NotContainKey("gpu_nvlink_errors_total{link=3,type=replay}");
        replays.Value().Should().Be(105);

        var place = Array.FindIndex(set.Series.All, static series => series.Metric == MetricTable.NvLinkErrors && series is { First: 3, Second: 0 });
        set.Series.Values[place] = 2;
        replays.Value().Should().Be(107);
    }

    [Fact]
    public void Where_no_link_tells_there_is_no_sum()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var set = driver.Sampler().Sets[0];
        var replays = set.Sums.All.Single(static sum => sum.Tags.Contains(new("type", "replay")));
        replays.Value().Should().Be(0);

        set.Series.Values.Fill(double.NaN);

        replays.Value().Should().Be(double.NaN);
    }

    [Fact]
    public void Where_each_link_is_exported_there_are_no_sums()
    {
        using var driver = new SimulatedDriver("h100", 1, new SamplingSettings { PerLinkErrors = true });

        driver.Sampler().Sets[0].Sums.All.Should().BeEmpty();
    }
}
