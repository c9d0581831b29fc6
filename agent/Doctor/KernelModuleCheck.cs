namespace Monitoring.Agent.Doctor;

/// <summary>The driver's kernel module: loaded, and of which version and kind.</summary>
internal sealed class KernelModuleCheck() : DoctorCheck("kernel module")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        if (node.ModuleVersion is { } version)
        {
            var kind = node.Read(node.Procfs("driver/nvidia/version"))!.Contains("Open Kernel Module", StringComparison.Ordinal) ? "open" : "proprietary";
            yield return Finding.Ok($"NVIDIA {version}, {kind}");
        }
        else if (node.GpusOnBus is { Count: > 0 })
        {
            yield return node.Driver.Version.Length > 0
                ? Finding.Information($"{node.Procfs("driver/nvidia/version")} cannot be read, and the driver answers: a container that hides it")
                : Finding.Failure($"not loaded: there is no {node.Procfs("driver/nvidia/version")}",
                    "modprobe nvidia; if that fails: dmesg | tail, dkms status (a new kernel needs the module built for it), and mokutil --sb-state (Secure Boot needs it signed)");
        }
        else
        {
            yield return Finding.Information("not loaded; without a GPU nothing needs it");
        }
    }
}
