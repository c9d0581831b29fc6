using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Nvml;

/// <summary>nvmlDevice_t: a GPU or a MIG device; stable from initialisation to the last shutdown.</summary>
internal readonly record struct NvmlDevice(nint Value);

/// <summary>nvmlGpmSample_t: one snapshot of the performance monitors, owned by whoever allocated it.</summary>
internal readonly record struct NvmlGpmSample(nint Value);

/// <summary>nvmlClockType_t.</summary>
internal enum NvmlClock : uint { Graphics = 0, Sm = 1, Memory = 2, Video = 3 }

/// <summary>Version words: the size of the struct and its number, as NVML_STRUCT_VERSION makes them.</summary>
internal static class NvmlVersion
{
    internal const uint Memory_v2 = 0x0200_0028;
    internal const uint Temperature_v1 = 0x0100_000c;
    internal const uint MarginTemperature_v1 = 0x0100_0008;
    internal const uint EccSramErrorStatus_v1 = 0x0100_0068;
    internal const uint GpuFabricInfo_v2 = 0x0200_0024;
    internal const uint GpuFabricInfo_v3 = 0x0300_0028;

    internal const uint SystemEventSetRequest_v1 = 0x0100_0010;
    internal const uint SystemRegisterEventRequest_v1 = 0x0100_0018;
    internal const uint SystemEventSetWaitRequest_v1 = 0x0100_0020;

    /// <summary>The GPM calls use a plain 1.</summary>
    internal const uint Gpm = 1;
}

internal struct NvmlUtilization { internal uint Gpu; internal uint Memory; }

internal struct NvmlMemory { internal ulong Total; internal ulong Free; internal ulong Used; }

internal struct NvmlMemory_v2 { internal uint Version; internal ulong Total; internal ulong Reserved; internal ulong Free; internal ulong Used; }

internal struct NvmlBar1Memory { internal ulong Total; internal ulong Free; internal ulong Used; }

internal struct NvmlTemperature { internal uint Version; internal uint Sensor; internal int Celsius; }

internal struct NvmlMarginTemperature { internal uint Version; internal int Celsius; }

internal struct NvmlRowRemapperHistogram { internal uint Maximum; internal uint High; internal uint Partial; internal uint Low; internal uint None; }

internal struct NvmlEccSramErrorStatus
{
    internal uint Version;
    internal ulong AggregateUncorrectableParity, AggregateUncorrectableSecDed, AggregateCorrectable;
    internal ulong VolatileUncorrectableParity, VolatileUncorrectableSecDed, VolatileCorrectable;
    internal ulong BucketL2, BucketSm, BucketPcie, BucketMcu, BucketOther;
    internal uint ThresholdExceeded;
}

/// <summary>nvmlProcessInfo_t as the _v2 and _v3 calls fill it.</summary>
internal struct NvmlProcessInfo
{
    internal uint Pid;

    /// <summary>Bytes; all ones where the driver cannot say.</summary>
    internal ulong UsedMemory;
    internal uint GpuInstanceId;
    internal uint ComputeInstanceId;
}

/// <summary>nvmlPciInfo_t as nvmlDeviceGetPciInfo_v3 fills it.</summary>
internal unsafe struct NvmlPciInfo
{
    internal fixed byte BusIdLegacy[16];
    internal uint Domain, Bus, Device, DeviceId, SubsystemId;
    internal fixed byte BusId[32];
}

/// <summary>nvmlGpuFabricInfoV_t version 3; version 2 ends before <see cref="HealthSummary"/>.</summary>
internal unsafe struct NvmlGpuFabricInfo
{
    internal uint Version;
    internal fixed byte ClusterUuid[16];
    internal NvmlReturn Status;
    internal uint CliqueId;
    internal byte State;
    internal uint HealthMask;
    internal byte HealthSummary;
}

/// <summary>nvmlFieldValue_t: one entry of nvmlDeviceGetFieldValues; the last eight bytes are a union by <see cref="ValueType"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct NvmlFieldValue
{
    [FieldOffset(0)] internal uint FieldId;
    [FieldOffset(4)] internal uint ScopeId;
    [FieldOffset(8)] internal long TimestampMicroseconds;
    [FieldOffset(16)] internal long LatencyMicroseconds;
    [FieldOffset(24)] internal uint ValueType;
    [FieldOffset(28)] internal NvmlReturn Return;
    [FieldOffset(32)] internal double AsDouble;
    [FieldOffset(32)] internal int AsInt32;
    [FieldOffset(32)] internal uint AsUInt32;
    [FieldOffset(32)] internal long AsInt64;
    [FieldOffset(32)] internal ulong AsUInt64;
    [FieldOffset(32)] internal ushort AsUInt16;

    /// <summary>The value as a number; NaN for a type that this agent does not know.</summary>
    internal readonly double Value => ValueType switch
    {
        0 => AsDouble,
        1 => AsUInt32,
        2 or 3 => AsUInt64,
        4 => AsInt64,
        5 => AsInt32,
        6 => AsUInt16,
        _ => double.NaN,
    };
}

/// <summary>nvmlEventData_t as nvmlEventSetWait_v2 fills it; <see cref="Data"/> is the XID for that type alone, 999 for one the driver does not know.</summary>
internal struct NvmlEventData
{
    internal NvmlDevice Device;
    internal ulong Type;
    internal ulong Data;

    /// <summary>All ones where the event belongs to no MIG instance.</summary>
    internal uint GpuInstanceId;
    internal uint ComputeInstanceId;
}

/// <summary>nvmlSystemEventSetCreateRequest_t and nvmlSystemEventSetFreeRequest_t, version 1.</summary>
internal struct NvmlSystemEventSetRequest { internal uint Version; internal nint Set; }

/// <summary>nvmlSystemRegisterEventRequest_t, version 1.</summary>
internal struct NvmlSystemRegisterEventRequest { internal uint Version; internal ulong Types; internal nint Set; }

/// <summary>nvmlSystemEventData_t, version 1.</summary>
internal struct NvmlSystemEventData { internal ulong Type; internal uint GpuId; }

/// <summary>nvmlSystemEventSetWaitRequest_t, version 1; <see cref="Data"/> points to <see cref="DataSize"/> records of <see cref="NvmlSystemEventData"/>.</summary>
internal struct NvmlSystemEventSetWaitRequest
{
    internal uint Version;
    internal uint TimeoutMilliseconds;
    internal nint Set;
    internal nint Data;
    internal uint DataSize;
    internal uint Count;
}

internal struct NvmlGpmSupport { internal uint Version; internal uint IsSupported; }

/// <summary>nvmlGpmMetric_t.</summary>
internal struct NvmlGpmMetric
{
    internal uint MetricId;
    internal NvmlReturn Return;
    internal double Value;
    internal nint ShortName, LongName, Unit;
}

/// <summary>
/// The head of nvmlGpmMetricsGet_t; the metrics follow it. The struct grew from 98 to 333 metrics without a new version word: the
/// library touches only the first <see cref="Count"/>, so an array of that many is enough on every driver.
/// </summary>
internal struct NvmlGpmMetricsHead
{
    internal uint Version;
    internal uint Count;
    internal NvmlGpmSample Earlier;
    internal NvmlGpmSample Later;
}
