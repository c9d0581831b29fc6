using FluentAssertions;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

[Collection(SimulatedDriverTests.Name)]
public sealed class GpuSamplerTests
{
    [Fact]
    public void What_the_driver_answers_stands_in_base_units()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var sampler = driver.Sampler();
        var gpu = driver.Node.Gpus[0];
        gpu.PowerMilliwatts = 654_321;
        gpu.TemperatureCelsius = 71;
        gpu.GpuUtilizationPercent = 87;
        gpu.SmClockMegahertz = 1755;
        gpu.ClockEventReasons = 0x4;
        gpu.EnergyMillijoules = 123_456_789;
        driver.ReadAgain(sampler);

        var values = SimulatedDriver.Values(sampler.Sets[0]);
        values["gpu_power_watts"].Should().Be(654.321);
        values["gpu_temperature_celsius{sensor=gpu}"].Should().Be(71);
        values["gpu_utilization_ratio"].Should().Be(0.87);
        values["gpu_clock_hertz{domain=sm}"].Should().Be(1.755e9);
        values["gpu_throttle_active{reason=sw_power_cap}"].Should().Be(1);
        values["gpu_throttle_active{reason=hw_thermal}"].Should().Be(0);
        values["gpu_energy_joules_total"].Should().Be(123_456.789);
        values["gpu_memory_total_bytes"].Should().Be(gpu.MemoryTotalBytes);
    }

    [Theory]
    [InlineData("h100")]
    [InlineData("h200")]
    [InlineData("a100")]
    [InlineData("b200")]
    [InlineData("t4")]
    public void A_gpu_keeps_to_its_budget_of_series(string profile)
    {
        using var driver = new SimulatedDriver(profile, 8);
        SimulatedDriver.Values(driver.Sampler().Sets[0]).Should().HaveCountLessThanOrEqualTo(250).And.HaveCountGreaterThan(40);
    }

    [Fact]
    public void What_a_gpu_does_not_have_is_no_series_rather_than_zero()
    {
        using var driver = new SimulatedDriver("t4", 1);
        var values = SimulatedDriver.Values(driver.Sampler().Sets[0]);

        values.Keys.Should().NotContain(static name => name.StartsWith("gpu_nvlink_") || name.StartsWith("gpu_sm_active") || name.StartsWith("gpu_fabric_state")
            || name.StartsWith("gpu_row_remap") || name.StartsWith("gpu_mig_mode") || name == "gpu_temperature_celsius{sensor=memory}");
        values.Keys.Should().Contain("gpu_power_watts").And.Contain("gpu_retired_pages{cause=correctable}");
    }

    [Fact]
    public void A_hopper_gpu_has_its_hardware_counters_links_and_repairs()
    {
        using var driver = new SimulatedDriver("h100", 8);
        var values = SimulatedDriver.Values(driver.Sampler().Sets[0]);
        values.Keys.Should().Contain("gpu_tensor_active_ratio").And.Contain("gpu_nvlink_up{link=17}").And.NotContain("gpu_nvlink_up{link=18}")
            .And.Contain("gpu_row_remap_banks{availability=max}").And.Contain("gpu_fabric_state{state=completed}")
            .And.Contain("gpu_recovery_action{action=none}").And.Contain("gpu_nvlink_transmit_bytes_total").And.Contain("gpu_thermal_margin_celsius");
        values.Where(static value => value.Key.EndsWith("_ratio", StringComparison.Ordinal)).Should().OnlyContain(static value => value.Value >= 0 && value.Value <= 1);
    }

    [Fact]
    public void A_reading_that_fails_is_absent_and_counted_by_code()
    {
        using var driver = new SimulatedDriver("h100", 1);
        Assert.Equal(NvmlReturn.Success, driver.Library.DeviceHandle(0, out var device));
        var gpu = new NvmlGpu(driver.Library, device, 0, driver.Clock, driver.Time);
        gpu.BeginTick(0);
        gpu.PowerWatts().Should().BePositive();

        driver.Node.Gpus[0].SetResult("nvmlDeviceGetPowerUsage", DriverResult.GpuIsLost);
        gpu.PowerWatts().Should().Be(double.NaN);
        gpu.LastReturn.Should().Be(NvmlReturn.GpuIsLost);
        gpu.Errors.Seen().Should().Equal((NvmlReturn.GpuIsLost, 1L));

        driver.Node.Gpus[0].SetResult("nvmlDeviceGetPowerUsage", DriverResult.NotSupported);
        gpu.PowerWatts().Should().Be(double.NaN);
        gpu.Errors.Seen().Should().Equal((NvmlReturn.GpuIsLost, 1L));
    }

    [Fact]
    public void What_a_gpu_lacks_is_not_asked_for_at_every_reading()
    {
        using var driver = new SimulatedDriver("t4", 1);
        var sampler = driver.Sampler();
        driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        var before = driver.Node.CallsOf("nvmlDeviceGetMarginTemperature");
        for (var i = 0; i < 50; i++) driver.Advance(sampler, TimeSpan.FromSeconds(1));
        driver.Node.CallsOf("nvmlDeviceGetMarginTemperature").Should().BeLessThanOrEqualTo(before + 1);
    }

    [Fact]
    public void A_lost_gpu_leaves_no_value_behind()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var sampler = driver.Sampler();
        driver.Node.Gpus[0].IsLost = true;
        driver.Advance(sampler, TimeSpan.FromSeconds(11));

        SimulatedDriver.Values(sampler.Sets[0]).Keys.Should().OnlyContain(static name => name.StartsWith("gpu_throttle_seconds_total"), "only time that was added up by the agent is its own");
    }

    [Fact]
    public void Throttle_time_is_added_up_from_the_state_where_the_driver_has_no_counter()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var sampler = driver.Sampler();
        driver.Node.Gpus[0].ClockEventReasons = 0x8;
        driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        var before = SimulatedDriver.Values(sampler.Sets[0])["gpu_throttle_seconds_total{reason=hw_slowdown}"];
        for (var i = 0; i < 20; i++) driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        SimulatedDriver.Values(sampler.Sets[0])["gpu_throttle_seconds_total{reason=hw_slowdown}"].Should().BeApproximately(before + 2, 0.5);
    }

    [Fact]
    public void Volatile_errors_stay_monotonic_when_the_driver_forgets_them()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var sampler = driver.Sampler();
        driver.Node.Gpus[0].AddEccErrors(EccError.Corrected, EccLocation.Dram, 5);
        driver.Advance(sampler, TimeSpan.FromSeconds(11));
        var counted = SimulatedDriver.Values(sampler.Sets[0])["gpu_ecc_errors_total{type=correctable,location=dram}"];
        counted.Should().BeGreaterThanOrEqualTo(5);

        driver.Node.Gpus[0].ResetVolatileEcc();
        driver.Advance(sampler, TimeSpan.FromSeconds(11));
        SimulatedDriver.Values(sampler.Sets[0])["gpu_ecc_errors_total{type=correctable,location=dram}"].Should().Be(counted);
    }

    [Fact]
    public void Mig_instances_have_series_of_their_own()
    {
        using var driver = new SimulatedDriver("h100-mig", 1);
        var sampler = driver.Sampler();
        driver.Advance(sampler, TimeSpan.FromSeconds(11));

        sampler.Sets.Should().HaveCountGreaterThan(1);
        var instance = SimulatedDriver.Values(sampler.Sets[1]);
        instance.Keys.Should().Contain(static name => name.StartsWith("gpu_memory_used_bytes{mig_profile="));
        instance.Keys.Should().OnlyContain(static name => name.Contains("mig_profile=") && name.Contains("mig_gi=") && name.Contains("mig_ci="));
        SimulatedDriver.Values(sampler.Sets[0]).Keys.Should().NotContain("gpu_utilization_ratio", "the driver does not say for a divided GPU");
    }

    [Fact]
    public void Mig_instances_that_stay_keep_their_past_when_another_goes()
    {
        using var driver = new SimulatedDriver("h100-mig", 1);
        var sampler = driver.Sampler();
        var before = sampler.Sets;
        driver.Node.Gpus[0].Write(static (ref state) => state.Mig[0].Present = 0);
        driver.Advance(sampler, TimeSpan.FromSeconds(11));

        sampler.Sets.Should().HaveCount(before.Length - 1);
        for (var kept = 1; kept < sampler.Sets.Length; kept++) sampler.Sets[kept].Should().BeSameAs(before[kept + 1]);
    }

    [Fact]
    public void An_instance_that_was_away_for_a_moment_is_read_again_at_the_next_slow_reading()
    {
        using var driver = new SimulatedDriver("h100-mig", 1);
        var sampler = driver.Sampler();
        var set = sampler.Sets[1];
        var before = SimulatedDriver.Values(set).Keys.Order().ToArray();
        driver.Node.Gpus[0].Write(static (ref state) => state.Mig[0].Present = 0);
        for (var i = 0; i < 3; i++) driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        SimulatedDriver.Values(set).Keys.Should().HaveCountLessThan(before.Length);
        driver.Node.Gpus[0].Write(static (ref state) => state.Mig[0].Present = 1);
        for (var i = 0; i < 210; i++) driver.Advance(sampler, TimeSpan.FromMilliseconds(100));

        sampler.Sets[1].Should().BeSameAs(set, "nobody looked while it was away");
        SimulatedDriver.Values(set).Keys.Should().Contain(before);
    }

    [Fact]
    public void A_gpu_whose_mig_mode_is_switched_off_shows_its_links()
    {
        using var driver = new SimulatedDriver("h100-mig", 1);
        var sampler = driver.Sampler();
        SimulatedDriver.Values(sampler.Sets[0]).Keys.Should().NotContain(static name => name.StartsWith("gpu_nvlink_up"));
        driver.Node.Gpus[0].Write(static (ref state) => state.MigModeCurrent = 0);
        driver.Advance(sampler, TimeSpan.FromSeconds(11));

        sampler.Sets.Should().ContainSingle();
        SimulatedDriver.Values(sampler.Sets[0]).Keys.Should().Contain("gpu_nvlink_up{link=17}");
    }

    [Fact]
    public void Instances_are_not_asked_why_the_clocks_are_held_down()
    {
        using var driver = new SimulatedDriver("h100-mig", 1);
        var sampler = driver.Sampler();
        var before = driver.Node.CallsOf("nvmlDeviceGetCurrentClocksEventReasons");
        for (var i = 0; i < 10; i++) driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        driver.Node.CallsOf("nvmlDeviceGetCurrentClocksEventReasons").Should().Be(before + 10);
    }

    [Fact]
    public void Throttle_time_comes_from_the_driver_even_if_it_failed_to_answer_at_first()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var gpu = driver.Node.Gpus[0];
        gpu.SetFieldResult((int)NvmlField.PerfPolicyPower, DriverResult.Timeout);
        var sampler = driver.Sampler();
        gpu.SetFieldResult((int)NvmlField.PerfPolicyPower, DriverResult.Normal);
        gpu.SetPolicyNanoseconds(0, 77_000_000_000);
        driver.ReadAgain(sampler);
        driver.ReadAgain(sampler);
        SimulatedDriver.Values(sampler.Sets[0])["gpu_throttle_seconds_total{reason=sw_power_cap}"].Should().Be(77);
    }

    [Fact]
    public void A_tier_as_fast_as_the_fast_one_is_read_with_every_reading()
    {
        using var driver = new SimulatedDriver("h100", 1, new SamplingSettings { FastInterval = TimeSpan.FromSeconds(1), MediumInterval = TimeSpan.FromSeconds(1) });
        var sampler = driver.Sampler();
        var before = (Fast: sampler.Samples(Tier.Fast), Medium: sampler.Samples(Tier.Medium));
        // A thread wakes up a little early or late.
        for (var i = 0; i < 20; i++) driver.Advance(sampler, TimeSpan.FromMilliseconds(i % 2 == 0 ? 999 : 1001));
        (sampler.Samples(Tier.Medium) - before.Medium).Should().Be(sampler.Samples(Tier.Fast) - before.Fast);
    }

    [Theory]
    [InlineData("h100")]
    [InlineData("b200")]
    [InlineData("t4")]
    public void Reading_allocates_nothing_in_a_steady_state(string profile)
    {
        using var driver = new SimulatedDriver(profile, 1);
        var sampler = driver.Sampler();
        long Ticks(int count)
        {
            var allocated = 0L;
            for (var i = 0; i < count; i++)
            {
                driver.Time.Advance(TimeSpan.FromMilliseconds(100));
                var before = GC.GetAllocatedBytesForCurrentThread();
                sampler.Tick();
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }
            return allocated;
        }
        Ticks(1300); // past the minute after which absent readings are asked for again

        // The median, for what Allocations says: the clock that moves in between allocates, so that it cannot measure here.
        // Each run is longer than the minute in which everything is done once.
        Enumerable.Range(0, 3).Select(_ => Ticks(700)).Order().ElementAt(1).Should().Be(0);
        sampler.Samples(Tier.Slow).Should().BeGreaterThan(10);
    }

    [Fact]
    public void Peaks_and_the_past_are_kept()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var sampler = driver.Sampler();
        var gpu = driver.Node.Gpus[0];
        gpu.PowerMilliwatts = 690_000;
        driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        gpu.PowerMilliwatts = 100_000;
        driver.Advance(sampler, TimeSpan.FromMilliseconds(100));

        var power = sampler.Sets[0].Series.RangeOf(MetricTable.Power).Start;
        sampler.Sets[0].Extremes.Highest(power).Should().BeGreaterThanOrEqualTo(690);
        sampler.Sets[0].Recorder.Copy(0, long.MaxValue).TakeLast(2).Select(instant => instant.Values[power]).Should().Equal(690, 100);
    }
}
