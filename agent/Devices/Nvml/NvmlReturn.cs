namespace Monitoring.Agent.Devices.Nvml;

/// <summary>nvmlReturn_t: the answer of every NVML call (nvml.h 13.3). Open: newer drivers may answer other numbers.</summary>
internal enum NvmlReturn
{
    Success = 0,
    Uninitialized = 1,
    InvalidArgument = 2,
    NotSupported = 3,
    NoPermission = 4,
    AlreadyInitialized = 5,
    NotFound = 6,
    InsufficientSize = 7,
    InsufficientPower = 8,
    DriverNotLoaded = 9,
    Timeout = 10,
    IrqIssue = 11,
    LibraryNotFound = 12,
    FunctionNotFound = 13,
    CorruptedInforom = 14,
    GpuIsLost = 15,
    ResetRequired = 16,
    OperatingSystem = 17,
    LibRmVersionMismatch = 18,
    InUse = 19,
    Memory = 20,
    NoData = 21,
    VgpuEccNotSupported = 22,
    InsufficientResources = 23,
    FrequencyNotSupported = 24,
    ArgumentVersionMismatch = 25,
    Deprecated = 26,
    NotReady = 27,
    GpuNotFound = 28,
    InvalidState = 29,
    ResetTypeNotSupported = 30,
    Unknown = 999,
}

/// <summary>What an answer means for the one who asked.</summary>
internal static class NvmlReturnMeaning
{
    extension(NvmlReturn code)
    {
        /// <summary>The GPU or driver has no such reading: an absent series, and not worth asking again soon.</summary>
        internal bool IsAbsent => code is NvmlReturn.NotSupported or NvmlReturn.FunctionNotFound or NvmlReturn.NotFound
            or NvmlReturn.NoData or NvmlReturn.Deprecated or NvmlReturn.VgpuEccNotSupported or NvmlReturn.InvalidArgument
            or NvmlReturn.ArgumentVersionMismatch or NvmlReturn.NotReady;

        /// <summary>The library has lost its driver and must be initialised again.</summary>
        internal bool NeedsInitialization => code is NvmlReturn.Uninitialized or NvmlReturn.DriverNotLoaded or NvmlReturn.LibRmVersionMismatch;

        /// <summary>The code as a label value: <c>gpu_is_lost</c>; <c>code_31</c> for one this agent does not know.</summary>
        internal string Label => code switch
        {
            NvmlReturn.GpuIsLost => "gpu_is_lost",
            NvmlReturn.ResetRequired => "reset_required",
            NvmlReturn.DriverNotLoaded => "driver_not_loaded",
            NvmlReturn.Uninitialized => "uninitialized",
            NvmlReturn.LibRmVersionMismatch => "driver_library_version_mismatch",
            NvmlReturn.LibraryNotFound => "library_not_found",
            NvmlReturn.NoPermission => "no_permission",
            NvmlReturn.Timeout => "timeout",
            NvmlReturn.CorruptedInforom => "corrupted_inforom",
            NvmlReturn.Unknown => "unknown",
            _ when Enum.IsDefined(code) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()),
            _ => $"code_{(int)code}",
        };

        /// <summary>The code in words, with a remedy where there is one.</summary>
        internal string Explanation => code switch
        {
            NvmlReturn.Success => "success",
            NvmlReturn.LibraryNotFound => "libnvidia-ml.so.1 was not found: install the NVIDIA driver, or set devices.nvml_library",
            NvmlReturn.DriverNotLoaded => "the NVIDIA kernel driver is not loaded: check `lsmod | grep nvidia` and the kernel log",
            NvmlReturn.LibRmVersionMismatch => "the NVML library and the loaded kernel module are of different driver versions: restart the agent if the driver was updated while it ran, else reboot or reload the module",
            NvmlReturn.NoPermission => "no permission: the agent needs read and write access to /dev/nvidiactl and /dev/nvidia*",
            NvmlReturn.GpuIsLost => "the GPU has fallen off the bus: see the kernel log for XID 79; the node needs a reboot",
            NvmlReturn.ResetRequired => "the GPU needs a reset",
            NvmlReturn.NotSupported => "not supported by this GPU",
            NvmlReturn.FunctionNotFound => "not known to this driver version",
            _ => code.Label.Replace('_', ' '),
        };
    }
}
