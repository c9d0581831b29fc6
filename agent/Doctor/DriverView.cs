using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;

namespace Monitoring.Agent.Doctor;

/// <summary>What the driver says through NVML.</summary>
/// <param name="HasLibrary">Whether the library was found.</param>
/// <param name="Trouble">Why it does not answer, with the remedy; empty where it does.</param>
/// <param name="Version">Driver version; empty where it does not answer.</param>
/// <param name="CudaVersion">Highest CUDA version of the driver.</param>
internal sealed record DriverView(bool HasLibrary, string Trouble, string Version, string CudaVersion, IReadOnlyList<DriverGpu> Gpus)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks the driver, which may hang: then it is said, and the doctor goes on.</summary>
    internal static DriverView Ask(string library, TimeProvider time)
    {
        DriverView? view = null;
        var thread = new Thread(() => view = AskNow(library, time)) { IsBackground = true, Name = "doctor-driver" };
        thread.Start();
        return thread.Join(Patience) && view is not null ? view
            : new DriverView(HasLibrary: true, $"the driver did not answer within {Patience.TotalSeconds} s: a call into it hangs; see the kernel log, and reboot the node", "", "", []);
    }

    private static DriverView AskNow(string name, TimeProvider time)
    {
        if (NvmlLibrary.Load(name) is not { } library) return new DriverView(HasLibrary: false, NvmlReturn.LibraryNotFound.Explanation, "", "", []);
        if (library.Initialize() is var code && code != NvmlReturn.Success) return new DriverView(HasLibrary: true, code.Explanation, "", "", []);
        var counted = library.DeviceCount(out var count);
        List<DriverGpu> gpus = [];
        for (var index = 0; index < count; index++)
        {
            if (library.DeviceHandle(index, out var device) is var opened && opened != NvmlReturn.Success)
            {
                gpus.Add(new DriverGpu(index, "", "", Trouble: opened.Explanation));
                continue;
            }
            var gpu = new NvmlGpu(library, device, index, new DriverClock(time), time);
            gpu.BeginTick();
            var fabric = Enumerable.Range(1, NvmlGpu.FabricStateNames.Length - 1).Any(state => gpu.FabricState(state) > 0);
            gpus.Add(new DriverGpu(index, gpu.Identity.Model, gpu.Identity.PciBusId, HasFabric: fabric, FabricIsReady: gpu.FabricState(NvmlGpu.FabricStateNames.Length - 1) > 0,
                IsPersistent: Known(gpu.PersistenceModeEnabled()), IsMig: gpu.MigModeEnabled() > 0));
        }
        var view = new DriverView(HasLibrary: true, counted == NvmlReturn.Success ? "" : counted.Explanation, library.DriverVersion, library.CudaVersion, gpus);
        library.Shutdown();
        return view;
    }

    private static bool? Known(double value) => double.IsNaN(value) ? null : value > 0;
}

/// <summary>A GPU as the driver shows it.</summary>
/// <param name="IsPersistent">Whether persistence mode is on; null where it does not say.</param>
/// <param name="Trouble">Why it cannot be opened; empty where it can.</param>
internal sealed record DriverGpu(int Index, string Model, string PciBusId, bool HasFabric = false, bool FabricIsReady = false, bool? IsPersistent = null, bool IsMig = false, string Trouble = "");
