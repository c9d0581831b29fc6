namespace Monitoring.Agent.Doctor;

/// <summary>The free driver of the kernel, which takes GPUs before NVIDIA's can.</summary>
internal sealed class NouveauCheck() : DoctorCheck("nouveau")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        if (!node.Exists(node.Sysfs("module/nouveau"))) yield return Finding.Ok("not loaded");
        else if (node.GpusOnBus is { Count: 0 }) yield return Finding.Information("loaded; there is no GPU that it could take");
        else
            yield return Finding.Failure("the nouveau driver is loaded and holds GPUs that NVIDIA's driver cannot have",
                "echo 'blacklist nouveau' > /etc/modprobe.d/blacklist-nouveau.conf; update-initramfs -u (or dracut --force); reboot");
    }
}
