using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FluentAssertions;
using Monitoring.Agent.Devices.Nvml;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Nvml;

/// <summary>Layouts as nvml.h 13.3 compiles on linux-x64.</summary>
public sealed class NvmlStructsTests
{
    [Fact]
    public void Every_struct_has_the_size_that_the_driver_expects()
    {
        Unsafe.SizeOf<NvmlDevice>().Should().Be(8);
        Unsafe.SizeOf<NvmlGpmSample>().Should().Be(8);
        Unsafe.SizeOf<NvmlUtilization>().Should().Be(8);
        Unsafe.SizeOf<NvmlMemory>().Should().Be(24);
        Unsafe.SizeOf<NvmlMemory_v2>().Should().Be(40);
        Unsafe.SizeOf<NvmlBar1Memory>().Should().Be(24);
        Unsafe.SizeOf<NvmlTemperature>().Should().Be(12);
        Unsafe.SizeOf<NvmlMarginTemperature>().Should().Be(8);
        Unsafe.SizeOf<NvmlRowRemapperHistogram>().Should().Be(20);
        Unsafe.SizeOf<NvmlEccSramErrorStatus>().Should().Be(104);
        Unsafe.SizeOf<NvmlProcessInfo>().Should().Be(24);
        Unsafe.SizeOf<NvmlPciInfo>().Should().Be(68);
        Unsafe.SizeOf<NvmlGpuFabricInfo>().Should().Be(40);
        Unsafe.SizeOf<NvmlFieldValue>().Should().Be(40);
        Unsafe.SizeOf<NvmlEventData>().Should().Be(32);
        Unsafe.SizeOf<NvmlSystemEventSetRequest>().Should().Be(16);
        Unsafe.SizeOf<NvmlSystemRegisterEventRequest>().Should().Be(24);
        Unsafe.SizeOf<NvmlSystemEventData>().Should().Be(16);
        Unsafe.SizeOf<NvmlSystemEventSetWaitRequest>().Should().Be(32);
        Unsafe.SizeOf<NvmlGpmSupport>().Should().Be(8);
        Unsafe.SizeOf<NvmlGpmMetric>().Should().Be(40);
        Unsafe.SizeOf<NvmlGpmMetricsHead>().Should().Be(24);
    }

    [Fact]
    public void Fields_behind_a_gap_lie_where_the_driver_writes_them()
    {
        Offset<NvmlMemory_v2>(nameof(NvmlMemory_v2.Total)).Should().Be(8);
        Offset<NvmlMemory_v2>(nameof(NvmlMemory_v2.Reserved)).Should().Be(16);
        Offset<NvmlMemory_v2>(nameof(NvmlMemory_v2.Used)).Should().Be(32);
        Offset<NvmlEccSramErrorStatus>(nameof(NvmlEccSramErrorStatus.AggregateUncorrectableParity)).Should().Be(8);
        Offset<NvmlEccSramErrorStatus>(nameof(NvmlEccSramErrorStatus.ThresholdExceeded)).Should().Be(96);
        Offset<NvmlProcessInfo>(nameof(NvmlProcessInfo.UsedMemory)).Should().Be(8);
        Offset<NvmlPciInfo>(nameof(NvmlPciInfo.BusId)).Should().Be(36);
        Offset<NvmlGpuFabricInfo>(nameof(NvmlGpuFabricInfo.State)).Should().Be(28);
        Offset<NvmlGpuFabricInfo>(nameof(NvmlGpuFabricInfo.HealthMask)).Should().Be(32);
        Offset<NvmlGpuFabricInfo>(nameof(NvmlGpuFabricInfo.HealthSummary)).Should().Be(36);
        Offset<NvmlGpmMetric>(nameof(NvmlGpmMetric.Value)).Should().Be(8);
        Offset<NvmlGpmMetricsHead>(nameof(NvmlGpmMetricsHead.Earlier)).Should().Be(8);
    }

    [Theory]
    [InlineData(NvmlVersion.Memory_v2, 2, 40)]
    [InlineData(NvmlVersion.Temperature_v1, 1, 12)]
    [InlineData(NvmlVersion.MarginTemperature_v1, 1, 8)]
    [InlineData(NvmlVersion.EccSramErrorStatus_v1, 1, 104)]
    [InlineData(NvmlVersion.GpuFabricInfo_v2, 2, 36)]
    [InlineData(NvmlVersion.GpuFabricInfo_v3, 3, 40)]
    [InlineData(NvmlVersion.SystemEventSetRequest_v1, 1, 16)]
    [InlineData(NvmlVersion.SystemRegisterEventRequest_v1, 1, 24)]
    [InlineData(NvmlVersion.SystemEventSetWaitRequest_v1, 1, 32)]
    public void A_version_word_is_the_size_and_the_number(uint word, uint number, uint size) => word.Should().Be(size | (number << 24));

    [Theory]
    [InlineData(0u, 1.5)]
    [InlineData(1u, 4294967295.0)]
    [InlineData(2u, 18446744073709551615.0)]
    [InlineData(3u, 18446744073709551615.0)]
    [InlineData(4u, -2.0)]
    [InlineData(5u, -2.0)]
    [InlineData(6u, 65535.0)]
    [InlineData(7u, double.NaN)]
    public void A_field_value_is_read_by_its_type(uint type, double expected)
    {
        var value = new NvmlFieldValue { ValueType = type };
        switch (type)
        {
            case 0: value.AsDouble = 1.5; break;
            case 1: value.AsUInt32 = uint.MaxValue; break;
            case 2 or 3: value.AsUInt64 = ulong.MaxValue; break;
            case 4: value.AsInt64 = -2; break;
            case 5: value.AsInt32 = -2; break;
            case 6: value.AsUInt16 = ushort.MaxValue; break;
        }
        value.Value.Should().Be(expected);
    }

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
