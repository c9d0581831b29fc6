namespace Monitoring.Agent.Doctor;

/// <summary>The GPUs on the PCI bus against those that the driver shows.</summary>
internal sealed class GpuCheck() : DoctorCheck("GPUs")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var expected = node.Settings.Devices.ExpectedCount;
        if (node.GpusOnBus is not { } bus)
        {
            yield return Finding.Warning($"the PCI bus cannot be read at {node.Sysfs("bus/pci/devices")}", "check devices.sysfs, and whether sysfs is mounted");
            yield break;
        }
        var shown = node.Driver.Gpus;
        if (bus.Count == 0 && shown.Count == 0)
        {
            const string Fix = "if there should be one: lspci -d 10de: shows what the kernel sees; reseat the board, look at the BIOS (above 4G decoding), or pass the GPU through to this virtual machine";
            yield return expected > 0
                ? Finding.Failure($"this node has no NVIDIA GPU, and devices.expected_count is {expected}", Fix)
                : Finding.Warning("this node has no NVIDIA GPU on its PCI bus: there is nothing to monitor here", Fix);
            yield break;
        }
        foreach (var gpu in shown.Where(static gpu => gpu.Trouble.Length > 0))
            yield return Finding.Failure($"GPU {gpu.Index} is there and cannot be opened: {gpu.Trouble}", "look for Xid lines in the kernel log: dmesg | grep -i xid");
        // NVML writes the domain with eight digits and in upper case.
        var missing = bus.Where(address => node.Driver.Trouble.Length == 0 && shown.All(gpu => gpu.Trouble.Length == 0) && !shown.Any(gpu => gpu.PciBusId.EndsWith(address, StringComparison.OrdinalIgnoreCase))).ToArray();
        if (missing.Length > 0)
            yield return Finding.Failure($"on the PCI bus and not shown by the driver: {string.Join(", ", missing)}",
                "another driver may hold it (lspci -k -s ADDRESS), or it failed to start: dmesg | grep -iE 'nvrm|xid'; a reboot is the usual cure");
        if (expected > 0 && shown.Count != expected)
            yield return Finding.Failure($"the driver shows {shown.Count} GPUs, and devices.expected_count is {expected}", "find the missing one by its slot (nvidia-smi -L, lspci -d 10de:), or correct the setting");
        if (node.Driver.Trouble.Length > 0)
            yield return Finding.Information($"{bus.Count} on the PCI bus: {string.Join(", ", bus)}; the driver shows none, see below");
        else
            foreach (var model in shown.Where(static gpu => gpu.Trouble.Length == 0).GroupBy(static gpu => gpu.Model))
                yield return Finding.Ok($"{model.Count()} x {model.Key}");
    }
}
