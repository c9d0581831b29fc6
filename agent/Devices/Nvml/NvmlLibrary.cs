using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Monitoring.Agent.Devices.Nvml;

/// <summary>
/// The loaded libnvidia-ml.so.1: which entry points it has, its versions, and its devices. Loaded once for the life of the process;
/// initialised and shut down as drivers come and go. Thread-safe but for <see cref="Initialize"/> and <see cref="Shutdown"/>.
/// </summary>
internal sealed unsafe class NvmlLibrary
{
    private static readonly Lock LoadLock = new();
    private static nint s_handle;
    private readonly bool[] exports = new bool[Enum.GetValues<NvmlCall>().Length];

    private NvmlLibrary(nint handle)
    {
        foreach (var call in Enum.GetValues<NvmlCall>())
            exports[(int)call] = NativeLibrary.TryGetExport(handle, SymbolOf(call), out _);
    }

    /// <summary>Driver version, such as <c>590.48.01</c>; empty before <see cref="Initialize"/> succeeded.</summary>
    internal string DriverVersion { get; private set; } = "";

    /// <summary>Highest CUDA version of the driver, such as <c>13.1</c>; empty where unknown.</summary>
    internal string CudaVersion { get; private set; } = "";

    /// <summary>Driver branch, such as 590; 0 where unknown.</summary>
    internal int DriverMajor { get; private set; }

    /// <summary>Loads the library by soname or path; null where there is none.</summary>
    /// <remarks>The first library that loads serves the whole process: P/Invoke binds each import once.</remarks>
    internal static NvmlLibrary? Load(string nameOrPath)
    {
        lock (LoadLock)
        {
            if (s_handle == 0)
            {
                if (!NativeLibrary.TryLoad(nameOrPath, out var handle)) return null;
                NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(),
                    static (name, _, _) => name == NvmlImports.Library ? s_handle : 0);
                s_handle = handle;
            }
            return new NvmlLibrary(s_handle);
        }
    }

    /// <summary>True where the driver has the entry point; calling one that it lacks would throw.</summary>
    internal bool Exports(NvmlCall call) => exports[(int)call];

    /// <summary>The exported name of a call.</summary>
    internal static string SymbolOf(NvmlCall call) => "nvml" + call;

    /// <summary>Attaches to the driver and reads its versions; may be repeated after <see cref="Shutdown"/>.</summary>
    internal NvmlReturn Initialize()
    {
        if (!Exports(NvmlCall.Init_v2)) return NvmlReturn.FunctionNotFound;
        var code = NvmlImports.nvmlInit_v2();
        if (code != NvmlReturn.Success) return code;

        const int VersionLength = 80;
        var buffer = stackalloc byte[VersionLength];
        DriverVersion = Exports(NvmlCall.SystemGetDriverVersion) && NvmlImports.nvmlSystemGetDriverVersion(buffer, VersionLength) == NvmlReturn.Success
            ? Text(buffer, VersionLength) : "";
        DriverMajor = int.TryParse(DriverVersion.AsSpan(0, Math.Max(0, DriverVersion.IndexOf('.'))), out var major) ? major : 0;
        CudaVersion = Exports(NvmlCall.SystemGetCudaDriverVersion_v2) && NvmlImports.nvmlSystemGetCudaDriverVersion_v2(out var cuda) == NvmlReturn.Success
            ? $"{cuda / 1000}.{cuda % 1000 / 10}" : "";
        return NvmlReturn.Success;
    }

    /// <summary>Detaches from the driver; every handle is void afterwards.</summary>
    internal void Shutdown()
    {
        if (Exports(NvmlCall.Shutdown)) _ = NvmlImports.nvmlShutdown();
    }

    /// <summary>Number of GPUs that the driver sees, those of other cgroups included.</summary>
    internal NvmlReturn DeviceCount(out int count)
    {
        count = 0;
        if (!Exports(NvmlCall.DeviceGetCount_v2)) return NvmlReturn.FunctionNotFound;
        var code = NvmlImports.nvmlDeviceGetCount_v2(out var answer);
        count = (int)answer;
        return code;
    }

    /// <summary>The handle of the GPU at an index (PCI bus order).</summary>
    internal NvmlReturn DeviceHandle(int index, out NvmlDevice device)
    {
        device = default;
        return Exports(NvmlCall.DeviceGetHandleByIndex_v2)
            ? NvmlImports.nvmlDeviceGetHandleByIndex_v2((uint)index, out device) : NvmlReturn.FunctionNotFound;
    }

    /// <summary>The name of a process as the driver knows it; empty where it does not.</summary>
    internal string ProcessName(uint pid)
    {
        const int NameLength = 1024;
        var buffer = stackalloc byte[NameLength];
        return Exports(NvmlCall.SystemGetProcessName) && NvmlImports.nvmlSystemGetProcessName(pid, buffer, NameLength) == NvmlReturn.Success
            ? Text(buffer, NameLength) : "";
    }

    /// <summary>A NUL-terminated text of at most <paramref name="length"/> bytes; bytes that are not UTF-8 become U+FFFD.</summary>
    internal static string Text(byte* buffer, int length)
    {
        var bytes = new ReadOnlySpan<byte>(buffer, length);
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }
}
