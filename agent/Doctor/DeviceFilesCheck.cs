using System.Text.RegularExpressions;

namespace Monitoring.Agent.Doctor;

/// <summary>The device files: there, and open to this user.</summary>
internal sealed partial class DeviceFilesCheck() : DoctorCheck("device files")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        if (node.ModuleVersion is null && node.Driver.Gpus.Count == 0)
        {
            yield return Finding.Information("not looked at: the kernel module, which makes them, is not loaded");
            yield break;
        }
        var devices = node.List("/dev", "nvidia*").Where(static path => Gpu().IsMatch(path)).ToArray();
        var missing = new[] { "/dev/nvidiactl", "/dev/nvidia-uvm" }.Where(path => !node.Exists(path)).ToArray();
        if (devices.Length < node.Driver.Gpus.Count || missing.Length > 0)
            yield return Finding.Warning($"missing: {string.Join(", ", [.. missing, .. devices.Length < node.Driver.Gpus.Count ? [$"{node.Driver.Gpus.Count - devices.Length} of /dev/nvidia0..{node.Driver.Gpus.Count - 1}"] : Array.Empty<string>()])}",
                "nvidia-modprobe -u -c=0 makes them, as root; the unit's ExecStartPre does so at each start");

        var closed = devices.Append("/dev/nvidiactl").Where(node.Exists).Select(path => (Path: path, Why: node.WhyClosed(path, FileAccess.ReadWrite))).Where(static tried => tried.Why is not null).ToArray();
        if (closed.Length > 0)
            yield return Finding.Failure($"{node.User} cannot open {string.Join(", ", closed.Select(static tried => tried.Path))}: {closed[0].Why}",
                "add the user to their group (ls -l /dev/nvidia*), for the service by a drop-in with SupplementaryGroups=, or set NVreg_DeviceFileMode=0666");

        if (node.Driver.Gpus.Any(static gpu => gpu.IsMig))
        {
            var capabilities = node.List("/dev/nvidia-caps", "nvidia-cap*");
            var refused = capabilities.Where(path => node.WhyClosed(path, FileAccess.Read) is not null).ToArray();
            if (capabilities.Count == 0) yield return Finding.Warning("MIG is on, and /dev/nvidia-caps has no file", "nvidia-modprobe -f /proc/driver/nvidia/capabilities/mig/monitor makes it");
            else if (refused.Length > 0) yield return Finding.Warning($"MIG is on, and {node.User} cannot open {refused.Length} of {capabilities.Count} files of /dev/nvidia-caps", "readings of the instances need them: chmod or a group, as for the other device files");
            else yield return Finding.Ok($"{capabilities.Count} MIG capabilities can be opened");
        }
        if (closed.Length == 0 && devices.Length > 0) yield return Finding.Ok($"{node.User} can open {string.Join(", ", devices.Append("/dev/nvidiactl").Where(node.Exists))}");
    }

    [GeneratedRegex(@"^/dev/nvidia\d+$")]
    private static partial Regex Gpu();
}
