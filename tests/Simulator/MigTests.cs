using FluentAssertions;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed unsafe class MigTests
{
    [Fact]
    public void Instances_are_those_of_the_profile_and_the_rest_of_the_slots_is_empty()
    {
        using var test = new NodeUnderTest("h100-mig", gpus: 1);
        test.Nvml.ReadUInt("nvmlDeviceGetMaxMigDeviceCount", test.Handle).Should().Be((Success, 7u));
        var found = new List<(uint Gi, uint Ci, string Name)>();
        for (uint slot = 0; slot < 7; slot++)
        {
            nint mig = 0;
            var result = test.Nvml.Call("nvmlDeviceGetMigDeviceHandleByIndex", test.Handle, (nint)slot, (nint)(&mig));
            result.Should().Be(slot < 4 ? Success : NotFound);
            if (result != Success) continue;
            test.Nvml.ReadUInt("nvmlDeviceIsMigDeviceHandle", mig).Value.Should().Be(1);
            test.Nvml.ReadText("nvmlDeviceGetUUID", mig).Text.Should().StartWith("MIG-");
            found.Add((test.Nvml.ReadUInt("nvmlDeviceGetGpuInstanceId", mig).Value, test.Nvml.ReadUInt("nvmlDeviceGetComputeInstanceId", mig).Value, test.Nvml.ReadText("nvmlDeviceGetName", mig).Text));
        }
        found.Should().Equal(
            (2, 0, "NVIDIA H100 80GB HBM3 MIG 3g.40gb"), (3, 0, "NVIDIA H100 80GB HBM3 MIG 2g.20gb"),
            (9, 0, "NVIDIA H100 80GB HBM3 MIG 1g.10gb"), (10, 0, "NVIDIA H100 80GB HBM3 MIG 1g.10gb"));
    }

    [Fact]
    public void A_mig_device_has_memory_attributes_and_processes_and_no_power()
    {
        using var test = new NodeUnderTest("h100-mig", gpus: 1);
        nint mig = 0, other = 0;
        test.Nvml.Call("nvmlDeviceGetMigDeviceHandleByIndex", test.Handle, 0, (nint)(&mig));
        test.Nvml.Call("nvmlDeviceGetMigDeviceHandleByIndex", test.Handle, 1, (nint)(&other));
        var memory = Record(40, VersionWord(40, 2));
        test.Nvml.Call("nvmlDeviceGetMemoryInfo_v2", mig, memory).Should().Be(Success);
        (BitConverter.ToUInt64(memory, 8) >> 20).Should().Be(40448);
        var attributes = new byte[40];
        test.Nvml.Call("nvmlDeviceGetAttributes_v2", mig, attributes).Should().Be(Success);
        (BitConverter.ToUInt32(attributes), BitConverter.ToUInt32(attributes, 24), BitConverter.ToUInt64(attributes, 32)).Should().Be((60u, 3u, 40448ul));
        uint count = 0;
        test.Nvml.Call("nvmlDeviceGetComputeRunningProcesses_v3", mig, (nint)(&count), 0).Should().Be(InsufficientSize);
        count.Should().Be(1);
        test.Nvml.Call("nvmlDeviceGetComputeRunningProcesses_v3", other, (nint)(&count), 0).Should().Be(Success);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", mig).Result.Should().Be(NotSupported);
        nint parent = 0;
        test.Nvml.Call("nvmlDeviceGetDeviceHandleFromMigDeviceHandle", mig, (nint)(&parent)).Should().Be(Success);
        parent.Should().Be(test.Handle);
    }

    [Fact]
    public void The_whole_gpu_has_no_utilisation_no_links_and_no_remapped_rows_in_mig_mode()
    {
        using var test = new NodeUnderTest("h100-mig", gpus: 1);
        test.Nvml.ReadWide("nvmlDeviceGetUtilizationRates", test.Handle).Result.Should().Be(NotSupported);
        test.Nvml.Call("nvmlDeviceGetNvLinkState", test.Handle, 0, (nint)1).Should().Be(NotSupported);
        test.Nvml.ReadFields(test.Handle, (138, 0), (142, 0), (145, 0)).Select(value => value.Result).Should().Equal(NotSupported, NotSupported, NotSupported);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Result.Should().Be(Success);
    }

    [Fact]
    public void A_gpu_without_mig_has_no_mig_devices()
    {
        using var test = new NodeUnderTest();
        nint mig = 0;
        test.Nvml.Call("nvmlDeviceGetMigDeviceHandleByIndex", test.Handle, 0, (nint)(&mig)).Should().Be(NotFound);
        using var t4 = new NodeUnderTest("t4", gpus: 1);
        t4.Nvml.Call("nvmlDeviceGetMigMode", t4.Handle, (nint)(&mig), (nint)(&mig)).Should().Be(NotSupported);
        t4.Nvml.ReadUInt("nvmlDeviceGetMaxMigDeviceCount", t4.Handle).Should().Be((Success, 0u));
    }

    [Fact]
    public void Gpu_and_compute_instances_tell_their_ids_and_places()
    {
        using var test = new NodeUnderTest("h100-mig", gpus: 1);
        var instances = stackalloc nint[8];
        uint count = 0;
        test.Nvml.Call("nvmlDeviceGetGpuInstances", test.Handle, 19, (nint)instances, (nint)(&count)).Should().Be(Success);
        count.Should().Be(2);
        var info = new byte[24];
        test.Nvml.Call("nvmlGpuInstanceGetInfo", instances[1], info).Should().Be(Success);
        (BitConverter.ToUInt32(info, 8), BitConverter.ToUInt32(info, 12), BitConverter.ToUInt32(info, 16), BitConverter.ToUInt32(info, 20)).Should().Be((10u, 19u, 7u, 1u));
        nint compute = 0;
        test.Nvml.Call("nvmlGpuInstanceGetComputeInstanceById", instances[1], 0, (nint)(&compute)).Should().Be(Success);
        var computeInfo = new byte[32];
        test.Nvml.Call("nvmlComputeInstanceGetInfo_v2", compute, computeInfo).Should().Be(Success);
        BitConverter.ToInt64(computeInfo, 8).Should().Be(instances[1]);
        test.Nvml.Call("nvmlGpuInstanceGetInfo", test.Handle, info).Should().Be(InvalidArgument, "a GPU is not an instance");
    }
}
