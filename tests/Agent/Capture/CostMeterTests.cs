using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

public sealed class CostMeterTests
{
    [Fact]
    public void The_worst_measure_counts_and_means_are_over_all_gpus()
    {
        var meter = new CostMeter([Window(500, 0.8f), Window(700, 0.6f)]);

        meter.WorstDrop([Window(450, 0.1f), Window(450, 0.25f)]).Should().Match<(double Drop, string Measure)?>(static worst => worst!.Value.Measure == "gpu_tensor_active_ratio" && Math.Abs(worst.Value.Drop - 0.75) < 1e-6);
    }

    [Fact]
    public void What_fell_just_before_the_recording_fell_without_it()
    {
        var meter = new CostMeter([Window(600, 0.8f)], [Window(200, 0.3f)]);

        meter.WorstDrop([Window(200, 0.3f)]).Should().Match<(double Drop, string Measure)?>(static worst => worst!.Value.Drop < 1e-6);
        new CostMeter([Window(600, 0.8f)], []).WorstDrop([Window(300, 0.8f)]).Should().Match<(double Drop, string Measure)?>(static worst => Math.Abs(worst!.Value.Drop - 0.5) < 1e-6, "without a reading the whole counts");
    }

    [Fact]
    public void A_gpu_that_did_nothing_before_has_nothing_to_lose() => new CostMeter([Window(80, 0.05f)]).WorstDrop([Window(0, 0)]).Should().BeNull();

    [Fact]
    public void A_measure_that_the_gpu_lacks_is_left_out_and_no_value_is_no_fall()
    {
        new CostMeter([Window(500, float.NaN)]).WorstDrop([Window(500, float.NaN)]).Should().Be((0.0, "gpu_power_watts"));
        new CostMeter([Window(500, 0.9f)]).WorstDrop([]).Should().BeNull();
        CostMeter.Of([], [], [], aborted: false).Should().BeNull();
        CostMeter.Of([Window(500, float.NaN)], [Window(400, float.NaN)], [], aborted: false).Should().BeEquivalentTo(new CaptureCost([new CostValue("gpu_power_watts", 500, 400, null)], 0.2));
    }

    private static CounterWindow Window(float power, float tensor) => new(new CapturedGpu(0, "GPU-0"), "", ["gpu_power_watts", "gpu_tensor_active_ratio"], [new CounterRow(1, [power, tensor])]);
}
