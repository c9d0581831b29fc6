using FluentAssertions;
using Monitoring.Simulator;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed class EventTests
{
    private const ulong Xid = 8;

    [Fact]
    public void An_event_reaches_the_sets_that_asked_for_it_with_its_gpu_and_data()
    {
        using var test = new NodeUnderTest();
        var set = Listen(test, test.Nvml.Handle(1), Xid);
        test.Gpu.RaiseEvent(GpuEventType.Xid, 13);
        test.Node.Gpus[1].RaiseEvent(GpuEventType.SingleBitEcc);
        test.Node.Gpus[1].RaiseEvent(GpuEventType.Xid, 79);
        var data = new byte[32];
        Wait(test, set, data, 60_000).Should().Be(Success);
        BitConverter.ToInt64(data).Should().Be(test.Nvml.Handle(1));
        (BitConverter.ToUInt64(data, 8), BitConverter.ToUInt64(data, 16)).Should().Be((Xid, 79ul));
        BitConverter.ToUInt32(data, 24).Should().Be(uint.MaxValue);
        Wait(test, set, data, 0).Should().Be(TimedOut, "the others were not asked for");
        test.Nvml.Call("nvmlEventSetFree", set).Should().Be(Success);
    }

    [Fact]
    public void Events_before_the_registration_belong_to_nobody()
    {
        using var test = new NodeUnderTest();
        test.Gpu.RaiseEvent(GpuEventType.Xid, 31);
        var set = Listen(test, test.Handle, Xid);
        Wait(test, set, new byte[32], 0).Should().Be(TimedOut);
        test.Nvml.Call("nvmlEventSetFree", set);
    }

    [Fact]
    public void A_set_that_fell_behind_loses_the_oldest_events()
    {
        using var test = new NodeUnderTest();
        var set = Listen(test, test.Handle, Xid);
        for (ulong number = 0; number < 300; number++) test.Gpu.RaiseEvent(GpuEventType.Xid, number);
        var data = new byte[32];
        var seen = new List<ulong>();
        while (Wait(test, set, data, 0) == Success) seen.Add(BitConverter.ToUInt64(data, 16));
        seen.Should().Equal(Enumerable.Range(44, 256).Select(number => (ulong)number));
        test.Nvml.Call("nvmlEventSetFree", set);
    }

    [Fact]
    public unsafe void One_type_that_the_driver_does_not_offer_refuses_the_whole_registration()
    {
        using var test = new NodeUnderTest("a100", gpus: 1);
        nint set = 0;
        test.Nvml.Call("nvmlEventSetCreate", (nint)(&set)).Should().Be(Success);
        test.Nvml.Call("nvmlDeviceRegisterEvents", test.Handle, unchecked((nint)(Xid | 0x4000)), set).Should().Be(NotSupported);
        test.Gpu.RaiseEvent(GpuEventType.Xid, 79);
        Wait(test, set, new byte[32], 0).Should().Be(TimedOut);
        test.Nvml.Call("nvmlEventSetFree", set);
    }

    [Fact]
    public async Task A_waiter_is_woken_by_an_event_and_by_the_end_of_the_driver()
    {
        using var test = new NodeUnderTest();
        var set = Listen(test, test.Handle, Xid);
        var waiting = Task.Run(() => Wait(test, set, new byte[32], 60_000), TestContext.Current.CancellationToken);
        test.Gpu.RaiseEvent(GpuEventType.Xid, 48);
        (await waiting.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).Should().Be(Success);

        var left = Task.Run(() => Wait(test, set, new byte[32], 60_000), TestContext.Current.CancellationToken);
        test.Node.IsDriverLoaded = false;
        (await left.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).Should().Be(DriverNotLoaded);
    }

    [Fact]
    public void Waiting_is_not_counted_as_time_inside_the_library()
    {
        using var test = new NodeUnderTest();
        var set = Listen(test, test.Handle, Xid);
        Wait(test, set, new byte[32], 1000).Should().Be(TimedOut);
        test.Node.CallStatistics.Inside.Should().BeLessThan(TimeSpan.FromMilliseconds(900));
        test.Nvml.Call("nvmlEventSetFree", set);
    }

    [Fact]
    public unsafe void System_events_have_a_set_of_their_own()
    {
        using var test = new NodeUnderTest();
        var create = Record(16, VersionWord(16, 1));
        test.Nvml.Call("nvmlSystemEventSetCreate", 0, create).Should().Be(InvalidArgument);
        fixed (byte* request = create) test.Nvml.Call("nvmlSystemEventSetCreate", (nint)request).Should().Be(Success);
        var register = Record(24, VersionWord(24, 1));
        BitConverter.TryWriteBytes(register.AsSpan(8), 3ul);
        create.AsSpan(8, 8).CopyTo(register.AsSpan(16));
        fixed (byte* request = register) test.Nvml.Call("nvmlSystemRegisterEvents", (nint)request).Should().Be(Success);
        test.Node.RaiseSystemEvent(isBind: false, test.Node.Gpus[1]);
        var data = new byte[16 * 4];
        var wait = Record(32, VersionWord(32, 1));
        create.AsSpan(8, 8).CopyTo(wait.AsSpan(8));
        fixed (byte* records = data, request = wait)
        {
            BitConverter.TryWriteBytes(wait.AsSpan(16), (long)records);
            BitConverter.TryWriteBytes(wait.AsSpan(24), 4);
            test.Nvml.Call("nvmlSystemEventSetWait", (nint)request).Should().Be(Success);
            BitConverter.ToInt32(wait, 28).Should().Be(1);
            (BitConverter.ToUInt64(data), BitConverter.ToUInt32(data, 8)).Should().Be((1ul, 1u));
            test.Nvml.Call("nvmlSystemEventSetWait", (nint)request).Should().Be(TimedOut);
        }
        fixed (byte* request = create) test.Nvml.Call("nvmlSystemEventSetFree", (nint)request).Should().Be(Success);
    }

    private static unsafe nint Listen(NodeUnderTest test, nint handle, ulong types)
    {
        nint set = 0;
        test.Nvml.Call("nvmlEventSetCreate", (nint)(&set)).Should().Be(Success);
        test.Nvml.Call("nvmlDeviceRegisterEvents", handle, (nint)types, set).Should().Be(Success);
        return set;
    }

    private static unsafe int Wait(NodeUnderTest test, nint set, byte[] data, int milliseconds)
    {
        fixed (byte* record = data) return test.Nvml.Call("nvmlEventSetWait_v2", set, (nint)record, milliseconds);
    }
}
