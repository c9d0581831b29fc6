using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Simulator;

public sealed class ModelTests
{
    [Fact]
    public void The_same_seed_and_advances_give_the_same_readings_and_another_seed_others()
    {
        using var one = new NodeUnderTest(seed: 3);
        using var same = new NodeUnderTest(seed: 3);
        using var other = new NodeUnderTest(seed: 4);
        foreach (var test in new[] { one, same, other }) test.Node.Advance(TimeSpan.FromSeconds(7.77));
        Readings(same).Should().Equal(Readings(one));
        Readings(other).Should().NotEqual(Readings(one));
    }

    [Fact]
    public void One_long_advance_equals_many_of_whole_steps()
    {
        using var one = new NodeUnderTest(seed: 3);
        using var many = new NodeUnderTest(seed: 3);
        one.Node.Advance(TimeSpan.FromSeconds(5));
        for (var step = 0; step < 50; step++) many.Node.Advance(TimeSpan.FromMilliseconds(100));
        Readings(many).Should().Equal(Readings(one));
    }

    [Fact]
    public void Energy_is_the_integral_of_power()
    {
        using var test = new NodeUnderTest();
        var before = test.Gpu.EnergyMillijoules!.Value;
        double expected = 0;
        for (var step = 0; step < 200; step++)
        {
            test.Node.Advance(TimeSpan.FromMilliseconds(50));
            expected += test.Gpu.State.PowerInstantMilliwatts * 0.05;
        }
        ((double)(test.Gpu.EnergyMillijoules!.Value - before)).Should().BeApproximately(expected, expected * 0.001 + 10);
    }

    [Fact]
    public void Counters_never_fall_and_readings_stay_in_their_ranges()
    {
        using var test = new NodeUnderTest();
        var last = Counters(test);
        for (var step = 0; step < 400; step++)
        {
            test.Node.Advance(TimeSpan.FromMilliseconds(100));
            var now = Counters(test);
            now.Zip(last).Should().OnlyContain(pair => pair.First >= pair.Second);
            last = now;
            test.Gpu.GpuUtilizationPercent.Should().BeLessThanOrEqualTo(100);
            test.Gpu.MemoryUsedBytes.Should().BeLessThanOrEqualTo(test.Gpu.MemoryTotalBytes);
            test.Gpu.TemperatureCelsius.Should().BeInRange(30, 80);
            test.Gpu.SmClockMegahertz.Should().BeInRange(345, 1980);
        }
    }

    [Fact]
    public void A_power_limit_below_the_load_lowers_clocks_and_is_counted()
    {
        using var test = new NodeUnderTest();
        test.Gpu.PowerLimitMilliwatts = 400_000;
        test.Node.Advance(TimeSpan.FromSeconds(6));
        test.Gpu.PowerMilliwatts.Should().BeInRange(370_000, 410_000);
        test.Gpu.SmClockMegahertz.Should().BeLessThan(1700);
        (test.Gpu.ClockEventReasons & 0x4).Should().Be(0x4);
        test.Nvml.ReadFields(test.Handle, (74, 0))[0].Value.Should().BeGreaterThan(5_000_000_000);
        test.Node.Gpus[1].SmClockMegahertz.Should().Be(1980);
    }

    [Fact]
    public void A_slow_gpu_makes_the_others_of_a_training_wait()
    {
        using var healthy = new NodeUnderTest();
        using var slowed = new NodeUnderTest();
        slowed.Node.StartIncident("straggler", 0);
        healthy.Node.Advance(TimeSpan.FromSeconds(6));
        slowed.Node.Advance(TimeSpan.FromSeconds(6));
        slowed.Node.Gpus[1].GpuUtilizationPercent.Should().Be(100, "kernels that wait are kernels");
        slowed.Node.Gpus[1].State.GpmRate[4].Should().BeLessThan(healthy.Node.Gpus[1].State.GpmRate[4] * 0.7);
        slowed.Node.Gpus[1].PowerMilliwatts.Should().BeLessThan(healthy.Node.Gpus[1].PowerMilliwatts!.Value * 8 / 10);
    }

    private static IReadOnlyList<ulong> Readings(NodeUnderTest test) => [.. test.Node.Gpus.SelectMany(gpu => new[]
    {
        gpu.PowerMilliwatts ?? 0, (ulong)(gpu.TemperatureCelsius ?? 0), gpu.EnergyMillijoules ?? 0, gpu.State.PcieReceiveBytes, gpu.State.Links[0].TransmitKibibytes,
        (ulong)(gpu.State.GpmIntegral[1] * 1e9), gpu.GpuUtilizationPercent ?? 0, gpu.SmClockMegahertz ?? 0,
    })];

    private static ulong[] Counters(NodeUnderTest test)
    {
        ref var state = ref test.Gpu.State;
        return [state.EnergyMillijoules, state.PcieReceiveBytes, state.PcieTransmitBytes, state.Links[3].TransmitKibibytes, state.PolicyNanoseconds[4], state.ElapsedNanoseconds, (ulong)(state.GpmIntegral[1] * 1000), state.SampleCount];
    }
}
