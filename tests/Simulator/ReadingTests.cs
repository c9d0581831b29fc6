using FluentAssertions;
using Monitoring.Simulator;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class ReadingTests
{
    [Fact]
    public void What_a_test_sets_is_what_a_client_reads()
    {
        using var test = new NodeUnderTest();
        test.Gpu.PowerMilliwatts = 700_000;
        test.Gpu.TemperatureCelsius = 91;
        test.Gpu.SmClockMegahertz = 1410;
        test.Gpu.ClockEventReasons = 0x48;
        test.Gpu.MemoryUsedBytes = 1ul << 30;
        test.Gpu.EnergyMillijoules = 123_456_789_012;
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Should().Be((Success, 700_000u));
        test.Nvml.ReadWide("nvmlDeviceGetTotalEnergyConsumption", test.Handle).Should().Be((Success, 123_456_789_012ul));
        test.Nvml.ReadWide("nvmlDeviceGetCurrentClocksEventReasons", test.Handle).Should().Be((Success, 0x48ul));
        uint value = 0;
        test.Nvml.Call("nvmlDeviceGetTemperature", test.Handle, 0, (nint)(&value)).Should().Be(Success);
        value.Should().Be(91);
        test.Nvml.Call("nvmlDeviceGetClockInfo", test.Handle, 1, (nint)(&value)).Should().Be(Success);
        value.Should().Be(1410);
        var margin = Record(8, VersionWord(8, 1));
        test.Nvml.Call("nvmlDeviceGetMarginTemperature", test.Handle, margin).Should().Be(Success);
        BitConverter.ToInt32(margin, 4).Should().Be(-4);
    }

    [Fact]
    public void Readings_that_were_set_stay_while_the_model_moves_until_they_are_released()
    {
        using var test = new NodeUnderTest();
        test.Gpu.PowerMilliwatts = 12_345;
        test.Node.Advance(TimeSpan.FromSeconds(5));
        test.Gpu.PowerMilliwatts.Should().Be(12_345);
        test.Gpu.Release();
        test.Node.Advance(TimeSpan.FromSeconds(3));
        test.Gpu.PowerMilliwatts.Should().BeGreaterThan(500_000);
    }

    [Fact]
    public void Memory_versions_agree_and_the_first_counts_reserved_memory_as_used()
    {
        using var test = new NodeUnderTest();
        test.Gpu.MemoryUsedBytes = 10ul << 30;
        var first = new ulong[3];
        var second = Record(40, VersionWord(40, 2));
        fixed (ulong* words = first) test.Nvml.Call("nvmlDeviceGetMemoryInfo", test.Handle, (nint)words).Should().Be(Success);
        test.Nvml.Call("nvmlDeviceGetMemoryInfo_v2", test.Handle, second).Should().Be(Success);
        ulong total = BitConverter.ToUInt64(second, 8), reserved = BitConverter.ToUInt64(second, 16), free = BitConverter.ToUInt64(second, 24), used = BitConverter.ToUInt64(second, 32);
        (total >> 20, reserved >> 20, used).Should().Be((81559ul, 479ul, 10ul << 30));
        (reserved + free + used).Should().Be(total);
        first.Should().Equal(total, free, used + reserved);
    }

    [Fact]
    public void A_reading_that_a_gpu_lacks_is_not_supported()
    {
        using var test = new NodeUnderTest();
        test.Gpu.PowerMilliwatts = null;
        test.Gpu.TemperatureCelsius = null;
        test.Gpu.EnergyMillijoules = null;
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Should().Be((NotSupported, 0xdeadbeef));
        test.Nvml.ReadWide("nvmlDeviceGetTotalEnergyConsumption", test.Handle).Result.Should().Be(NotSupported);
        test.Nvml.ReadFields(test.Handle, (83, 0), (185, 0)).Select(field => field.Result).Should().Equal(NotSupported, NotSupported);
        test.Nvml.ReadUInt("nvmlDeviceGetFanSpeed", test.Handle).Result.Should().Be(NotSupported, "the board has no fans");
    }

    [Theory]
    [InlineData(DriverResult.NotSupported)]
    [InlineData(DriverResult.NoPermission)]
    [InlineData(DriverResult.Deprecated)]
    [InlineData(DriverResult.Unknown)]
    public void A_function_can_be_told_what_to_answer_for_one_gpu(DriverResult result)
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetResult("nvmlDeviceGetPowerUsage", result);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Result.Should().Be((int)result);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Nvml.Handle(1)).Result.Should().Be(Success);
        test.Gpu.SetResult("nvmlDeviceGetPowerUsage", DriverResult.Normal);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Result.Should().Be(Success);
    }

    [Fact]
    public void An_unknown_function_is_refused_with_its_name()
    {
        using var test = new NodeUnderTest();
        var act = () => test.Gpu.SetResult("nvmlDeviceGetPowerUsag", DriverResult.NotSupported);
        act.Should().Throw<ArgumentException>().WithMessage("*'nvmlDeviceGetPowerUsag' is not a function*nvmlDeviceGetPowerUsage*");
    }

    [Fact]
    public void A_lost_gpu_answers_gpu_is_lost_to_everything_and_the_others_go_on()
    {
        using var test = new NodeUnderTest();
        var (lost, healthy) = (test.Handle, test.Nvml.Handle(1));
        test.Gpu.IsLost = true;
        foreach (var function in new[] { "nvmlDeviceGetPowerUsage", "nvmlDeviceGetPerformanceState", "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceSetPersistenceMode", "nvmlDeviceGetVgpuMetadata" })
            test.Nvml.ReadUInt(function, lost).Result.Should().Be(GpuIsLost, function);
        nint handle = 0;
        test.Nvml.Call("nvmlDeviceGetHandleByIndex_v2", 0, (nint)(&handle)).Should().Be(GpuIsLost);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", healthy).Result.Should().Be(Success);
    }

    [Theory]
    [InlineData("nvmlDeviceSetPowerManagementLimit", NoPermission)]
    [InlineData("nvmlDeviceSetPersistenceMode", NoPermission)]
    [InlineData("nvmlDeviceGetSupportedVgpus", NotSupported)]
    public void Calls_that_change_a_gpu_are_refused(string function, int expected)
    {
        using var test = new NodeUnderTest();
        test.Nvml.Call(function, test.Handle, 1).Should().Be(expected);
    }

    [Fact]
    public void A_client_never_sees_half_of_a_change()
    {
        using var test = new NodeUnderTest(gpus: 1);
        var handle = test.Handle;
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (uint percent = 0; !stop.IsCancellationRequested; percent = (percent + 1) % 100)
                test.Gpu.Write((ref state) =>
                {
                    state.Utilization[0] = percent;
                    Thread.SpinWait(50);
                    state.Utilization[1] = percent;
                });
        });
        writer.Start();
        var torn = 0;
        ulong pair = 0;
        for (var read = 0; read < 20_000; read++)
        {
            test.Nvml.Call("nvmlDeviceGetUtilizationRates", handle, (nint)(&pair)).Should().Be(Success);
            if ((uint)pair != (uint)(pair >> 32)) torn++;
        }
        stop.Cancel();
        writer.Join();
        torn.Should().Be(0);
    }

    [Fact]
    public void Lists_follow_the_two_call_idiom()
    {
        using var test = new NodeUnderTest();
        uint count = 0;
        test.Nvml.Call("nvmlDeviceGetSupportedGraphicsClocks", test.Handle, 2619, (nint)(&count), 0).Should().Be(InsufficientSize);
        count.Should().Be(110);
        var clocks = new uint[count];
        fixed (uint* list = clocks) test.Nvml.Call("nvmlDeviceGetSupportedGraphicsClocks", test.Handle, 2619, (nint)(&count), (nint)list).Should().Be(Success);
        (clocks[0], clocks[^1]).Should().Be((1980u, 345u));
        test.Nvml.Call("nvmlDeviceGetSupportedGraphicsClocks", test.Handle, 2620, (nint)(&count), 0).Should().Be(NotFound);
    }

    [Fact]
    public void The_history_holds_what_was_sampled_since_a_moment()
    {
        using var test = new NodeUnderTest();
        for (var step = 0; step < 20; step++)
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(100));
            test.Node.Advance(TimeSpan.FromMilliseconds(100));
        }
        uint type = 9, count = 0;
        test.Nvml.Call("nvmlDeviceGetSamples", test.Handle, 0, 0, (nint)(&type), (nint)(&count), 0).Should().Be(Success);
        count.Should().Be(128);
        var samples = new ulong[count * 2];
        fixed (ulong* list = samples) test.Nvml.Call("nvmlDeviceGetSamples", test.Handle, 0, 0, (nint)(&type), (nint)(&count), (nint)list).Should().Be(Success);
        count.Should().Be(20);
        samples[38].Should().BeGreaterThan(samples[0]);
        samples[39].Should().BeGreaterThan(300_000, "the GPU is under load");
    }
}
