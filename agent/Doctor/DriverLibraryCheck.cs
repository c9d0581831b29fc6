namespace Monitoring.Agent.Doctor;

/// <summary>The NVML library: found, answering, and of the module's version.</summary>
internal sealed class DriverLibraryCheck() : DoctorCheck("NVML library")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var driver = node.Driver;
        if (!driver.HasLibrary)
        {
            yield return node.GpusOnBus is { Count: 0 }
                ? Finding.Information($"{node.Settings.Devices.NvmlLibrary} is not installed; without a GPU nothing needs it")
                : Finding.Failure($"{node.Settings.Devices.NvmlLibrary} was not found", "install the driver's libraries (libnvidia-compute-NNN, nvidia-driver-libs), or set devices.nvml_library to its path; then ldconfig");
        }
        else if (driver.Trouble.Length > 0)
        {
            yield return Finding.Failure($"{node.Settings.Devices.NvmlLibrary} is there and does not answer", driver.Trouble);
        }
        else if (node.ModuleVersion is { } module && driver.Version.Length > 0 && module != driver.Version)
        {
            yield return Finding.Failure($"the library is of driver {driver.Version}, the loaded kernel module of {module}", "the driver was updated while it was in use: drain the node and reboot, or unload and load the module");
        }
        else
        {
            yield return Finding.Ok($"driver {driver.Version}{(driver.CudaVersion.Length > 0 ? $", up to CUDA {driver.CudaVersion}" : "")}{(node.ModuleVersion is null ? "" : ", as the kernel module")}");
        }
    }
}
