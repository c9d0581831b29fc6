using FluentAssertions;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

/// <summary>A profile with driver 610 has every function; unknown version words are refused, the known ones accepted.</summary>
public sealed class VersionWordTests
{
    private const int Guard = 64;

    private static readonly Monitoring.Simulator.NodeProfiles.NodeProfile Newest = Monitoring.Simulator.NodeProfiles.NodeProfile.Parse("newest.yaml", """
        system: {driver_version: "610.10", cuda_version: "13.3"}
        device_defaults:
          name: Newest
          architecture: hopper
          fabric: {state: completed}
          platform: {slot_number: 3}
          ecc: {mode_current: enabled}
          thermal: {temperature_gpu_c: 40, max_operating_c: 87, shutdown_threshold_c: 95}
          mig: {max_gpu_instances: 7, profiles: [{slot: 1_slice, name: 1g.10gb, id: 19, memory_mib: 9984}]}
          fan: {count: 2, speed_percent: 40, speed_rpm: 2000}
        nvlink: {links_per_gpu: 18, switches: [{bdf: "0000:05:00.0"}]}
        """);

    [Theory]
    [InlineData("nvmlDeviceGetMemoryInfo_v2", 40, 2)]
    [InlineData("nvmlDeviceGetPciInfoExt", 64, 1)]
    [InlineData("nvmlDeviceGetPlatformInfo", 44, 1)]
    [InlineData("nvmlDeviceGetPlatformInfo", 44, 2)]
    [InlineData("nvmlDeviceGetGpuFabricInfoV", 36, 2)]
    [InlineData("nvmlDeviceGetGpuFabricInfoV", 40, 3)]
    [InlineData("nvmlDeviceGetTemperatureV", 12, 1)]
    [InlineData("nvmlDeviceGetMarginTemperature", 8, 1)]
    [InlineData("nvmlDeviceGetFanSpeedRPM", 12, 1)]
    [InlineData("nvmlDeviceGetCoolerInfo", 16, 1)]
    [InlineData("nvmlDeviceGetSramEccErrorStatus", 104, 1)]
    [InlineData("nvmlDeviceGetRepairStatus", 12, 1)]
    [InlineData("nvmlDeviceGetNvLinkInfo", 8, 1)]
    [InlineData("nvmlDeviceGetNvLinkInfo", 1612, 2)]
    [InlineData("nvmlDeviceGetPdi", 16, 1)]
    [InlineData("nvmlDeviceGetCapabilities", 8, 1)]
    [InlineData("nvmlDeviceGetAddressingMode", 8, 1)]
    public void A_known_version_word_is_accepted_and_others_are_refused(string function, int size, int number)
    {
        using var test = new NodeUnderTest(Newest, 1);
        var right = VersionWord(size, number);
        var record = Record(size + Guard, right);
        record.AsSpan(size).Fill(0xa5);
        test.Nvml.Call(function, test.Handle, record).Should().Be(Success);
        record.AsSpan(size).ToArray().Should().AllBeEquivalentTo((byte)0xa5, "nothing may be written beyond the record");

        foreach (var wrong in new[] { 0u, (uint)size, right + 8, VersionWord(size, 9), right | 0x80000000, ~0u })
            test.Nvml.Call(function, test.Handle, Record(size + Guard, wrong)).Should().Be(VersionMismatch, $"{wrong:x8} is no version of {function}");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_versions_of_a_mig_profile_have_one_size_and_their_own_fields(int number)
    {
        using var test = new NodeUnderTest(Newest, 1);
        unsafe
        {
            var record = Record(152, VersionWord(152, number));
            fixed (byte* bytes = record) test.Nvml.Call("nvmlDeviceGetGpuInstanceProfileInfoV", test.Handle, 0, (nint)bytes).Should().Be(Success);
            BitConverter.ToUInt32(record, 4).Should().Be(19);
            BitConverter.ToUInt64(record, number == 2 ? 48 : 40).Should().Be(9984);
            System.Text.Encoding.ASCII.GetString(record, number == 2 ? 56 : 48, 11).Should().Be("MIG 1g.10gb");
        }
    }

    [Fact]
    public void An_older_driver_does_not_know_newer_versions()
    {
        using var test = new NodeUnderTest(Monitoring.Simulator.NodeProfiles.NodeProfile.Parse("r550.yaml", """
            system: {driver_version: "550.54.15"}
            device_defaults: {name: Older, architecture: hopper, fabric: {state: completed}}
            """), 1);
        test.Nvml.Call("nvmlDeviceGetGpuFabricInfoV", test.Handle, Record(40, VersionWord(40, 3))).Should().Be(VersionMismatch);
        test.Nvml.Call("nvmlDeviceGetGpuFabricInfoV", test.Handle, Record(36, VersionWord(36, 2))).Should().Be(Success);
    }

    [Theory]
    [InlineData("nvmlDeviceGetMarginTemperature")]
    [InlineData("nvmlDeviceGetSramEccErrorStatus")]
    [InlineData("nvmlDeviceGetGpuFabricInfoV")]
    [InlineData("nvmlDeviceGetRemappedRows_v2")]
    public void A_function_newer_than_the_driver_is_not_found(string function)
    {
        using var test = new NodeUnderTest("a100", gpus: 1);
        test.Nvml.Call(function, test.Handle, new byte[256]).Should().Be(FunctionNotFound);
    }
}
