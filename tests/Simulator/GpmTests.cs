using FluentAssertions;
using Monitoring.Simulator;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class GpmTests
{
    private const int Header = 24;
    private const int Metric = 40;

    [Fact]
    public void A_metric_is_the_mean_between_two_samples()
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetGpmShare(2, 0.2);
        test.Gpu.SetGpmShare(5, 0.9);
        var (one, two) = (NewSample(test), NewSample(test));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, one).Should().Be(Success);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Gpu.SetGpmShare(2, 0.6);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, two).Should().Be(Success);
        test.Gpu.SetGpmShare(2, 1);
        var metrics = Get(test, one, two, 2, 5);
        metrics[0].Value.Should().BeApproximately(40, 1e-6, "the mean of 20 and 60; what came later does not count");
        metrics[1].Value.Should().BeApproximately(90, 1e-6);
        Free(test, one, two);
    }

    [Fact]
    public void Without_time_between_samples_a_metric_is_its_present_value()
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetGpmShare(2, 0.5);
        var (one, two) = (NewSample(test), NewSample(test));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, one);
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, two);
        Get(test, one, two, 2)[0].Value.Should().BeApproximately(50, 1e-9);
        Free(test, one, two);
    }

    [Fact]
    public void Nothing_is_written_beyond_the_metrics_that_were_asked_for()
    {
        using var test = new NodeUnderTest();
        var (one, two) = (NewSample(test), NewSample(test));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, one);
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, two);
        for (var count = 0; count <= 3; count++)
        {
            var request = Request(one, two, [.. Enumerable.Repeat(2u, count)], guard: 200);
            fixed (byte* bytes = request) test.Nvml.Call("nvmlGpmMetricsGet", (nint)bytes).Should().Be(Success);
            request.AsSpan(Header + count * Metric).ToArray().Should().AllBeEquivalentTo((byte)0x5a);
        }
        Free(test, one, two);
    }

    [Fact]
    public void Each_metric_has_its_own_result()
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetGpmShare(3, null);
        test.Gpu.SetGpmResult(10, DriverResult.NoData);
        var (one, two) = (NewSample(test), NewSample(test));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, one);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, two);
        Get(test, one, two, 1, 3, 10, 0, 8, 60, 62, 97, 100, 210, 9999).Select(metric => metric.Result)
            .Should().Equal(Success, NotSupported, (int)DriverResult.NoData, InvalidArgument, InvalidArgument, Success, Success, Success, NotSupported, InvalidArgument, InvalidArgument);
        Free(test, one, two);
    }

    [Fact]
    public void More_metrics_than_the_driver_has_are_refused()
    {
        using var test = new NodeUnderTest();
        var (one, two) = (NewSample(test), NewSample(test));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, one);
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, two);
        var request = Request(one, two, [.. Enumerable.Repeat(2u, 211)], guard: 0);
        fixed (byte* bytes = request) test.Nvml.Call("nvmlGpmMetricsGet", (nint)bytes).Should().Be(InvalidArgument);
        BitConverter.TryWriteBytes(request, 2);
        fixed (byte* bytes = request) test.Nvml.Call("nvmlGpmMetricsGet", (nint)bytes).Should().Be(VersionMismatch);
        Free(test, one, two);
    }

    [Fact]
    public void Samples_of_two_gpus_or_in_the_wrong_order_are_refused()
    {
        using var test = new NodeUnderTest();
        var (one, two) = (NewSample(test), NewSample(test));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, one);
        test.Nvml.Call("nvmlGpmSampleGet", test.Nvml.Handle(1), two);
        var request = Request(one, two, [2], guard: 0);
        fixed (byte* bytes = request) test.Nvml.Call("nvmlGpmMetricsGet", (nint)bytes).Should().Be(InvalidArgument);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, two);
        request = Request(two, one, [2], guard: 0);
        fixed (byte* bytes = request) test.Nvml.Call("nvmlGpmMetricsGet", (nint)bytes).Should().Be(InvalidArgument);
        Free(test, one, two);
    }

    [Fact]
    public void Boards_before_hopper_have_no_gpm()
    {
        using var test = new NodeUnderTest("a100", gpus: 1);
        var support = Record(8, 1);
        test.Nvml.Call("nvmlGpmQueryDeviceSupport", test.Handle, support).Should().Be(Success);
        BitConverter.ToInt32(support, 4).Should().Be(0);
        var sample = NewSample(test);
        test.Nvml.Call("nvmlGpmSampleGet", test.Handle, sample).Should().Be(NotSupported);
        test.Nvml.Call("nvmlGpmSampleFree", sample);
        test.Nvml.Call("nvmlGpmQueryDeviceSupport", test.Handle, Record(8, 2)).Should().Be(VersionMismatch);
    }

    [Fact]
    public void Mig_instances_have_samples_of_their_own()
    {
        using var test = new NodeUnderTest("h100-mig", gpus: 1);
        nint[] samples = [NewSample(test), NewSample(test), NewSample(test), NewSample(test)];
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Nvml.Call("nvmlGpmMigSampleGet", test.Handle, 2, samples[0]).Should().Be(Success);
        test.Nvml.Call("nvmlGpmMigSampleGet", test.Handle, 9, samples[1]).Should().Be(Success);
        test.Node.Advance(TimeSpan.FromSeconds(1));
        test.Nvml.Call("nvmlGpmMigSampleGet", test.Handle, 2, samples[2]).Should().Be(Success);
        test.Nvml.Call("nvmlGpmMigSampleGet", test.Handle, 9, samples[3]).Should().Be(Success);
        test.Nvml.Call("nvmlGpmMigSampleGet", test.Handle, 77, samples[3]).Should().Be(NotFound);
        Get(test, samples[0], samples[2], 2)[0].Value.Should().BePositive("the workload runs in the first instance");
        Get(test, samples[1], samples[3], 2)[0].Should().Be((Success, 0));
        Get(test, samples[0], samples[2], 60)[0].Result.Should().Be(NotSupported, "there is no NVLink in MIG mode");
        Free(test, samples);
    }

    private static nint NewSample(NodeUnderTest test)
    {
        nint sample = 0;
        test.Nvml.Call("nvmlGpmSampleAlloc", (nint)(&sample)).Should().Be(Success);
        return sample;
    }

    private static void Free(NodeUnderTest test, params nint[] samples)
    {
        foreach (var sample in samples) test.Nvml.Call("nvmlGpmSampleFree", sample).Should().Be(Success);
    }

    private static byte[] Request(nint one, nint two, uint[] metrics, int guard)
    {
        var request = new byte[Header + metrics.Length * Metric + guard];
        request.AsSpan(Header).Fill(0x5a);
        BitConverter.TryWriteBytes(request, 1);
        BitConverter.TryWriteBytes(request.AsSpan(4), metrics.Length);
        BitConverter.TryWriteBytes(request.AsSpan(8), (long)one);
        BitConverter.TryWriteBytes(request.AsSpan(16), (long)two);
        for (var index = 0; index < metrics.Length; index++) BitConverter.TryWriteBytes(request.AsSpan(Header + index * Metric), metrics[index]);
        return request;
    }

    private static (int Result, double Value)[] Get(NodeUnderTest test, nint one, nint two, params uint[] metrics)
    {
        var request = Request(one, two, metrics, guard: 0);
        fixed (byte* bytes = request) test.Nvml.Call("nvmlGpmMetricsGet", (nint)bytes).Should().Be(Success);
        return [.. metrics.Select((_, index) => (BitConverter.ToInt32(request, Header + index * Metric + 4), BitConverter.ToDouble(request, Header + index * Metric + 8)))];
    }
}
