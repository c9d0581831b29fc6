using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Tests.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

[Collection(SimulatedDriverTests.Name)]
public sealed class GpusOfDriverTests
{
    [Fact]
    public void A_driver_that_shows_no_gpu_answers_and_one_that_is_not_there_does_not()
    {
        using var driver = new SimulatedDriver("h100", 0);
        using (var node = new RunningSampler(driver))
        {
            Eventually.Holds("the driver is asked", () => node.Sampler.Rounds > 0);
            GpusOfDriver.Of(node.Sampler).Should().BeEquivalentTo(new GpusOfDriver(Answers: true, Unopened: 0, []));
        }
        driver.Node.IsDriverLoaded = false;
        using (var node = new RunningSampler(driver))
        {
            Eventually.Holds("the driver is asked", () => node.Sampler.Rounds > 0);
            GpusOfDriver.Of(node.Sampler).Answers.Should().BeFalse();
        }
    }
}
