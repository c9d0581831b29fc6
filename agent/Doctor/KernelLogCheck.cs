namespace Monitoring.Agent.Doctor;

/// <summary>The kernel's log, where the driver reports XIDs.</summary>
internal sealed class KernelLogCheck() : DoctorCheck("kernel log")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var path = node.Settings.Devices.KernelLog;
        if (path.Length == 0)
            yield return Finding.Warning("switched off (devices.kernel_log is empty): SXids, AER, OOM kills and XIDs of lost GPUs are not seen", "set devices.kernel_log: /dev/kmsg");
        else if (!node.Exists(path))
            yield return Finding.Warning($"{path} does not exist", "in a container, mount it from the host; elsewhere check devices.kernel_log");
        else if (node.WhyClosed(path, FileAccess.Read) is { } why)
            yield return Finding.Warning($"{node.User} cannot read {path}: {why}", "it needs CAP_SYSLOG, which the unit file gives to the service (AmbientCapabilities=CAP_SYSLOG); kernel.dmesg_restrict=0 opens it to everyone");
        else
            yield return Finding.Ok($"{node.User} can read {path}");
    }
}
