using FluentAssertions;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class LifecycleTests
{
    [Fact]
    public void Before_init_every_call_is_uninitialized()
    {
        using var test = new NodeUnderTest(initialize: false);
        uint count = 7;
        test.Nvml.Call("nvmlDeviceGetCount_v2", (nint)(&count)).Should().Be(Uninitialized);
        test.Nvml.Call("nvmlDeviceGetPowerUsage", 0, (nint)(&count)).Should().Be(Uninitialized);
        test.Nvml.Shutdown().Should().Be(Uninitialized);
        count.Should().Be(7);
    }

    [Fact]
    public void Initialisations_are_counted()
    {
        using var test = new NodeUnderTest();
        test.Nvml.Init().Should().Be(Success);
        test.Nvml.Shutdown().Should().Be(Success);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Result.Should().Be(Success);
        test.Nvml.Shutdown().Should().Be(Success);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", 1).Result.Should().Be(Uninitialized);
    }

    [Fact]
    public void Null_pointers_and_bad_handles_are_invalid_arguments()
    {
        using var test = new NodeUnderTest();
        test.Nvml.Call("nvmlDeviceGetCount_v2", 0).Should().Be(InvalidArgument);
        test.Nvml.Call("nvmlDeviceGetPowerUsage", test.Handle, 0).Should().Be(InvalidArgument);
        test.Nvml.Call("nvmlDeviceGetName", test.Handle, 0, 96).Should().Be(InvalidArgument);
        foreach (nint handle in new nint[] { 0, 1, test.Handle + 1, test.Handle - 1_000_000, nint.MaxValue, nint.MinValue })
            test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(InvalidArgument, $"{handle:x} is no handle");
        nint beyond = 0;
        test.Nvml.Call("nvmlDeviceGetHandleByIndex_v2", 2, (nint)(&beyond)).Should().Be(InvalidArgument);
    }

    [Fact]
    public void A_buffer_that_is_too_short_is_refused_and_not_written_beyond()
    {
        using var test = new NodeUnderTest();
        var name = test.Nvml.ReadText("nvmlDeviceGetName", test.Handle).Text;
        name.Should().Be("NVIDIA H100 80GB HBM3");
        test.Nvml.ReadText("nvmlDeviceGetName", test.Handle, name.Length).Result.Should().Be(InsufficientSize);
        test.Nvml.ReadText("nvmlDeviceGetName", test.Handle, name.Length + 1).Should().Be((Success, name));
    }

    [Fact]
    public void Without_a_state_file_the_driver_is_not_loaded()
    {
        var directory = NodeUnderTest.NewDirectory();
        var path = Path.Combine(directory, "libnvidia-ml.so.1");
        File.Copy(SimulatorLibrary.Path, path);
        using (var nvml = new NvmlClient(path)) nvml.Init().Should().Be(DriverNotLoaded);
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(821968, 0)]
    [InlineData(100, 0x47)]
    public void A_damaged_state_file_is_refused(int length, byte content)
    {
        var directory = NodeUnderTest.NewDirectory();
        var path = Path.Combine(directory, "libnvidia-ml.so.1");
        File.Copy(SimulatorLibrary.Path, path);
        var damaged = new byte[length];
        Array.Fill(damaged, content);
        File.WriteAllBytes(Path.Combine(directory, "gpu-simulator.state"), damaged);
        using (var nvml = new NvmlClient(path)) nvml.Init().Should().Be(18);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void An_unloaded_driver_answers_driver_not_loaded_until_it_is_back()
    {
        using var test = new NodeUnderTest();
        var handle = test.Handle;
        test.Node.IsDriverLoaded = false;
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(DriverNotLoaded);
        test.Nvml.Init().Should().Be(DriverNotLoaded);
        test.Node.IsDriverLoaded = true;
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(Success);
    }

    [Fact]
    public void A_state_file_that_was_made_anew_is_met_by_the_next_init()
    {
        using var test = new NodeUnderTest();
        test.Gpu.PowerMilliwatts = 111_000;
        using var again = SimulatedNode.Create(test.Node.Directory, NodeProfile.Load("h200"), 2);
        again.Gpus[0].PowerMilliwatts = 222_000;
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Value.Should().Be(111_000, "the old driver is still mapped");
        test.Nvml.Shutdown();
        test.Nvml.Init().Should().Be(Success);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Value.Should().Be(222_000);
        test.Nvml.ReadText("nvmlDeviceGetName", test.Handle).Text.Should().Be("NVIDIA H200");
    }

    [Fact]
    public void Two_nodes_live_side_by_side_in_one_process()
    {
        using var one = new NodeUnderTest(seed: 1);
        using var other = new NodeUnderTest("a100", gpus: 1, seed: 2);
        one.Nvml.ReadText("nvmlDeviceGetName", one.Handle).Text.Should().Contain("H100");
        other.Nvml.ReadText("nvmlDeviceGetName", other.Handle).Text.Should().Contain("A100");
    }

    [Fact]
    public void Calls_and_the_time_inside_the_library_are_counted()
    {
        using var test = new NodeUnderTest();
        var handle = test.Handle;
        test.Node.MeasuresProcessorTime = true;
        var before = test.Node.CallStatistics;
        test.Gpu.SetLatency("nvmlDeviceGetPowerUsage", 2_000);
        for (var call = 0; call < 5; call++) test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle);
        var after = test.Node.CallStatistics;
        (after.Calls - before.Calls).Should().Be(5);
        (after.Inside - before.Inside).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(10));
        after.ProcessorTimeInside.Should().BePositive().And.BeLessThan(after.Inside);
        test.Node.CallsOf("nvmlDeviceGetPowerUsage").Should().Be(5);
    }
}
