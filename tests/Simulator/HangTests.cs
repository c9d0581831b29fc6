using FluentAssertions;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed class HangTests
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task A_hung_gpu_blocks_its_callers_until_it_recovers_and_nobody_else()
    {
        using var test = new NodeUnderTest();
        var (hung, healthy) = (test.Handle, test.Nvml.Handle(1));
        test.Gpu.Hang = true;
        var blocked = Task.Run(() => test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", hung).Result, TestContext.Current.CancellationToken);

        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", healthy).Result.Should().Be(Success);
        await MustNotEndAsync(blocked);

        test.Gpu.Hang = false;
        (await blocked.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).Should().Be(Success);
    }

    [Fact]
    public async Task One_function_can_hang_alone()
    {
        using var test = new NodeUnderTest();
        var handle = test.Handle;
        test.Gpu.SetFunctionHang("nvmlDeviceGetUtilizationRates", true);
        var blocked = Task.Run(() => test.Nvml.ReadWide("nvmlDeviceGetUtilizationRates", handle).Result, TestContext.Current.CancellationToken);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", handle).Result.Should().Be(Success);
        await MustNotEndAsync(blocked);
        test.Gpu.SetFunctionHang("nvmlDeviceGetUtilizationRates", false);
        (await blocked.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).Should().Be(Success);
    }

    /// <summary>A thread in the library cannot be asked; it is watched for a while.</summary>
    private static async Task MustNotEndAsync(Task call)
    {
        var waiting = () => call.WaitAsync(AWhile, TestContext.Current.CancellationToken);
        await waiting.Should().ThrowAsync<TimeoutException>();
    }
}
