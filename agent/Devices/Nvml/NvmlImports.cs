using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Nvml;

/// <summary>
/// The imports of libnvidia-ml.so.1 and nothing else; names and order of parameters are nvml.h's.
/// Call one only when <see cref="NvmlLibrary.Exports"/> says that the driver has it. Where a name has a version, it is the one whose
/// layout <c>NvmlStructs.cs</c> declares: the unversioned exports keep their oldest ABI.
/// </summary>
internal static unsafe partial class NvmlImports
{
    internal const string Library = "libnvidia-ml.so.1";

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlInit_v2();
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlShutdown();
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemGetDriverVersion(byte* version, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemGetCudaDriverVersion_v2(out int version);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemGetProcessName(uint pid, byte* name, uint length);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetCount_v2(out uint count);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetHandleByIndex_v2(uint index, out NvmlDevice device);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetName(NvmlDevice device, byte* name, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetUUID(NvmlDevice device, byte* uuid, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetSerial(NvmlDevice device, byte* serial, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetBoardPartNumber(NvmlDevice device, byte* partNumber, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetVbiosVersion(NvmlDevice device, byte* version, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetInforomImageVersion(NvmlDevice device, byte* version, uint length);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetArchitecture(NvmlDevice device, out uint architecture);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPciInfo_v3(NvmlDevice device, out NvmlPciInfo pci);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPersistenceMode(NvmlDevice device, out uint mode);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetComputeMode(NvmlDevice device, out uint mode);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetClockInfo(NvmlDevice device, NvmlClock type, out uint megahertz);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMaxClockInfo(NvmlDevice device, NvmlClock type, out uint megahertz);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPerformanceState(NvmlDevice device, out uint state);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetCurrentClocksEventReasons(NvmlDevice device, out ulong reasons);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetCurrentClocksThrottleReasons(NvmlDevice device, out ulong reasons);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetUtilizationRates(NvmlDevice device, out NvmlUtilization utilization);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetEncoderUtilization(NvmlDevice device, out uint percent, out uint samplingPeriodMicroseconds);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetDecoderUtilization(NvmlDevice device, out uint percent, out uint samplingPeriodMicroseconds);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetJpgUtilization(NvmlDevice device, out uint percent, out uint samplingPeriodMicroseconds);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetOfaUtilization(NvmlDevice device, out uint percent, out uint samplingPeriodMicroseconds);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMemoryInfo(NvmlDevice device, out NvmlMemory memory);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMemoryInfo_v2(NvmlDevice device, ref NvmlMemory_v2 memory);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetBAR1MemoryInfo(NvmlDevice device, out NvmlBar1Memory memory);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPowerUsage(NvmlDevice device, out uint milliwatts);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetEnforcedPowerLimit(NvmlDevice device, out uint milliwatts);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPowerManagementDefaultLimit(NvmlDevice device, out uint milliwatts);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPowerManagementLimitConstraints(NvmlDevice device, out uint minimumMilliwatts, out uint maximumMilliwatts);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetTotalEnergyConsumption(NvmlDevice device, out ulong millijoules);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetTemperature(NvmlDevice device, uint sensor, out uint celsius);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetTemperatureV(NvmlDevice device, ref NvmlTemperature temperature);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMarginTemperature(NvmlDevice device, ref NvmlMarginTemperature margin);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetNumFans(NvmlDevice device, out uint count);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetFanSpeed_v2(NvmlDevice device, uint fan, out uint percent);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetEccMode(NvmlDevice device, out uint current, out uint pending);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMemoryErrorCounter(NvmlDevice device, uint errorType, uint counterType, uint location, out ulong count);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetSramEccErrorStatus(NvmlDevice device, ref NvmlEccSramErrorStatus status);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetRemappedRows(NvmlDevice device, out uint correctable, out uint uncorrectable, out uint pending, out uint failure);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetRowRemapperHistogram(NvmlDevice device, out NvmlRowRemapperHistogram histogram);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetRetiredPages(NvmlDevice device, uint cause, ref uint count, ulong* addresses);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetNvLinkState(NvmlDevice device, uint link, out uint active);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetNvLinkErrorCounter(NvmlDevice device, uint link, uint counter, out ulong value);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetCurrPcieLinkGeneration(NvmlDevice device, out uint generation);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMaxPcieLinkGeneration(NvmlDevice device, out uint generation);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetCurrPcieLinkWidth(NvmlDevice device, out uint lanes);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMaxPcieLinkWidth(NvmlDevice device, out uint lanes);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPcieReplayCounter(NvmlDevice device, out uint value);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetPcieThroughput(NvmlDevice device, uint counter, out uint kilobytesPerSecond);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetComputeRunningProcesses_v3(NvmlDevice device, ref uint count, NvmlProcessInfo* processes);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetGraphicsRunningProcesses_v3(NvmlDevice device, ref uint count, NvmlProcessInfo* processes);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMPSComputeRunningProcesses_v3(NvmlDevice device, ref uint count, NvmlProcessInfo* processes);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMigMode(NvmlDevice device, out uint current, out uint pending);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMaxMigDeviceCount(NvmlDevice device, out uint count);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetMigDeviceHandleByIndex(NvmlDevice device, uint index, out NvmlDevice migDevice);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetGpuInstanceId(NvmlDevice migDevice, out uint id);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetComputeInstanceId(NvmlDevice migDevice, out uint id);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetFieldValues(NvmlDevice device, int count, NvmlFieldValue* values);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetGpuFabricInfoV(NvmlDevice device, ref NvmlGpuFabricInfo info);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceGetSupportedEventTypes(NvmlDevice device, out ulong types);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlDeviceRegisterEvents(NvmlDevice device, ulong types, nint set);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlEventSetCreate(out nint set);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlEventSetWait_v2(nint set, out NvmlEventData data, uint timeoutMilliseconds);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlEventSetFree(nint set);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemEventSetCreate(ref NvmlSystemEventSetRequest request);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemRegisterEvents(ref NvmlSystemRegisterEventRequest request);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemEventSetWait(ref NvmlSystemEventSetWaitRequest request);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlSystemEventSetFree(ref NvmlSystemEventSetRequest request);

    [LibraryImport(Library)] internal static partial NvmlReturn nvmlGpmQueryDeviceSupport(NvmlDevice device, ref NvmlGpmSupport support);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlGpmSampleAlloc(out NvmlGpmSample sample);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlGpmSampleFree(NvmlGpmSample sample);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlGpmSampleGet(NvmlDevice device, NvmlGpmSample sample);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlGpmMigSampleGet(NvmlDevice device, uint gpuInstanceId, NvmlGpmSample sample);
    [LibraryImport(Library)] internal static partial NvmlReturn nvmlGpmMetricsGet(void* request);
}
