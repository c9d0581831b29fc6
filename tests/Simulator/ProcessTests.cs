using System.Text;
using FluentAssertions;
using Monitoring.Simulator;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class ProcessTests
{
    [Theory]
    [InlineData("nvmlDeviceGetComputeRunningProcesses", 16)]
    [InlineData("nvmlDeviceGetComputeRunningProcesses_v2", 24)]
    [InlineData("nvmlDeviceGetComputeRunningProcesses_v3", 24)]
    public void Old_names_fill_old_records(string function, int size)
    {
        using var test = new NodeUnderTest();
        test.Gpu.EndProcess(test.Gpu.ProcessIds[0]);
        test.Gpu.SetProcess(4711, 5 << 20, "one");
        test.Gpu.SetProcess(4712, 6 << 20, "two");
        test.Gpu.SetProcess(4713, 7 << 20, "window", ProcessKind.Graphics);
        uint count = 0;
        test.Nvml.Call(function, test.Handle, (nint)(&count), 0).Should().Be(InsufficientSize);
        count.Should().Be(2);
        count = 1;
        var records = new byte[3 * size];
        Array.Fill(records, (byte)0x5a);
        fixed (byte* bytes = records)
        {
            test.Nvml.Call(function, test.Handle, (nint)(&count), (nint)bytes).Should().Be(InsufficientSize);
            count = 2;
            test.Nvml.Call(function, test.Handle, (nint)(&count), (nint)bytes).Should().Be(Success);
        }
        (BitConverter.ToUInt32(records), BitConverter.ToUInt64(records, 8)).Should().Be((4711u, 5ul << 20));
        (BitConverter.ToUInt32(records, size), BitConverter.ToUInt64(records, size + 8)).Should().Be((4712u, 6ul << 20));
        records.AsSpan(2 * size).ToArray().Should().AllBeEquivalentTo((byte)0x5a);
        if (size == 24) BitConverter.ToUInt32(records, 16).Should().Be(uint.MaxValue, "the process has no GPU instance");
    }

    [Fact]
    public void A_process_that_ended_is_gone_and_its_memory_free()
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetProcess(4711, 5ul << 30, "short");
        test.Node.Advance(TimeSpan.FromMilliseconds(50));
        var with = test.Gpu.MemoryUsedBytes;
        test.Gpu.EndProcess(4711);
        test.Node.Advance(TimeSpan.FromMilliseconds(50));
        (with - test.Gpu.MemoryUsedBytes).Should().Be(5ul << 30);
        test.Gpu.ProcessMemoryBytes(4711).Should().BeNull();
    }

    [Fact]
    public void Names_come_from_the_node_and_else_from_linux()
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetProcess(4_100_000, 1, "/opt/train --fast");
        Name(test, 4_100_000).Should().Be((Success, "/opt/train --fast"));
        Name(test, (uint)Environment.ProcessId).Result.Should().Be(Success);
        Name(test, 4_194_304).Result.Should().Be(NotFound);
    }

    [Fact]
    public void Utilisation_of_processes_is_what_happened_since_a_moment()
    {
        using var test = new NodeUnderTest();
        test.Node.Advance(TimeSpan.FromSeconds(2));
        uint count = 0;
        test.Nvml.Call("nvmlDeviceGetProcessUtilization", test.Handle, 0, (nint)(&count), 0).Should().Be(InsufficientSize);
        count.Should().Be(1);
        var sample = new byte[32];
        fixed (byte* bytes = sample)
        {
            test.Nvml.Call("nvmlDeviceGetProcessUtilization", test.Handle, (nint)bytes, (nint)(&count), 0).Should().Be(Success);
            BitConverter.ToUInt32(sample, 16).Should().BeGreaterThan(90);
            var last = BitConverter.ToInt64(sample, 8);
            test.Nvml.Call("nvmlDeviceGetProcessUtilization", test.Handle, (nint)bytes, (nint)(&count), (nint)last).Should().Be(NotFound);
        }
    }

    private static (int Result, string Text) Name(NodeUnderTest test, uint pid)
    {
        var buffer = new byte[256];
        int result;
        fixed (byte* bytes = buffer) result = test.Nvml.Call("nvmlSystemGetProcessName", (nint)pid, (nint)bytes, buffer.Length);
        return (result, Encoding.UTF8.GetString(buffer, 0, Array.IndexOf(buffer, (byte)0)));
    }
}
