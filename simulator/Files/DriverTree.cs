using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Files;

/// <summary>What the kernel module shows in procfs, as long as it is loaded: its version and who the GPUs are.</summary>
internal sealed class DriverTree(string procfs)
{
    private string Root => Path.Combine(procfs, "driver/nvidia");

    /// <summary>Writes everything, or takes it away.</summary>
    public void SetLoaded(bool isLoaded, string version, ReadOnlySpan<GpuState> gpus)
    {
        if (!isLoaded)
        {
            TreeFile.RemoveDirectory(Root);
            return;
        }
        for (var index = 0; index < gpus.Length; index++) WriteGpu(index, version, gpus[index]);
        TreeFile.Write(Path.Combine(Root, "version"), $"""
            NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {version}  Release Build  (simulator)
            GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)

            """);
    }

    private void WriteGpu(int index, string version, in GpuState gpu)
    {
        var address = PciBus.AddressOf(gpu);
        // Blanks and tabs as the kernel writes them.
        TreeFile.Write(Path.Combine(Root, "gpus", address, "information"), string.Create(CultureInfo.InvariantCulture,
            $"Model: \t\t {StateText.Get(gpu.Name)}\nIRQ:   \t\t {100 + index}\nGPU UUID: \t {StateText.Get(gpu.Uuid)}\nVideo BIOS: \t {StateText.Get(gpu.VbiosVersion)}\nBus Type: \t PCIe\n"
            + $"DMA Size: \t 52 bits\nDMA Mask: \t 0xfffffffffffff\nBus Location: \t {address}\nDevice Minor: \t {index}\nGPU Firmware: \t {version}\nGPU Excluded:\t No\n"));
    }
}
