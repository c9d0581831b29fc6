using FluentAssertions;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

/// <summary>When the agent gives its handles back to the driver for GPUs that were lost.</summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class LostGpuTests
{
    private static readonly SamplingSettings Often = new() { SlowInterval = TimeSpan.FromSeconds(1) };

    [Fact]
    public void A_lost_gpu_that_answers_on_the_bus_again_gets_a_new_handle()
    {
        using var driver = new SimulatedDriver("h100", 2, Often);
        using var node = Running(driver);
        driver.Node.Gpus[1].IsLost = true;
        Eventually.Holds("the GPU is lost", () => node.Sampler.Lanes is [_, { IsLost: true }]);
        var before = node.Sampler.Lanes;
        var attachments = Attachments(driver);
        driver.Time.Advance(TimeSpan.FromMinutes(5));
        Looks(node, 2);
        Attachments(driver).Should().Be(attachments, "it does not answer on the bus, and the other GPU works");

        // A handle of before the reset stays lost with the real driver; the simulated one forgets.
        driver.Node.SetOnBus(driver.Node.Gpus[1], isOnBus: true);
        Eventually.Holds("the driver is attached anew", () => Attachments(driver) > attachments);
        driver.Node.Gpus[1].IsLost = false;
        Eventually.Holds("both GPUs are read over new handles", () => node.Sampler.Lanes is [{ Ticks: > 0, IsLost: false }, { Ticks: > 0, IsLost: false }] lanes && !lanes.Intersect(before).Any());
    }

    [Fact]
    public void When_every_gpu_is_lost_the_driver_is_attached_anew_but_not_again_and_again()
    {
        using var driver = new SimulatedDriver("h100", 2, Often);
        using var node = Running(driver);
        foreach (var gpu in driver.Node.Gpus) gpu.IsLost = true;
        Eventually.Holds("every GPU is lost", () => node.Sampler.Lanes.All(static lane => lane.IsLost));
        var attachments = Attachments(driver);
        Looks(node, 2);
        Attachments(driver).Should().Be(attachments, "they were lost only just now");
        driver.Time.Advance(TimeSpan.FromSeconds(31));
        Eventually.Holds("the driver is attached anew", () => Attachments(driver) == attachments + 1);

        Eventually.Holds("both GPUs are lost again", () => node.Sampler.Lanes.Length == 2 && node.Sampler.Lanes.All(static lane => lane.IsLost));
        driver.Time.Advance(TimeSpan.FromSeconds(60));
        Looks(node, 2);
        Attachments(driver).Should().Be(attachments + 1, "the next attempt is two minutes after the first");
        driver.Time.Advance(TimeSpan.FromSeconds(61));
        Eventually.Holds("the driver is attached a second time", () => Attachments(driver) == attachments + 2);
        foreach (var gpu in driver.Node.Gpus) gpu.IsLost = false;
    }

    /// <summary>How often the driver was attached to: its version is read each time.</summary>
    private static uint Attachments(SimulatedDriver driver) => driver.Node.CallsOf("nvmlSystemGetDriverVersion");

    private static RunningSampler Running(SimulatedDriver driver)
    {
        var node = new RunningSampler(driver, sysfs: driver.Node.Sysfs);
        Eventually.Holds("every GPU is read", () => node.Sampler.Lanes is { Length: > 0 } lanes && lanes.All(static lane => lane.Ticks > 0));
        return node;
    }

    private static void Looks(RunningSampler node, long count)
    {
        var until = node.Sampler.Rounds + count;
        Eventually.Holds("the GPUs are looked for again", () => node.Sampler.Rounds >= until);
    }
}
