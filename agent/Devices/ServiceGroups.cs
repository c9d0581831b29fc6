namespace Monitoring.Agent.Devices;

/// <summary>Whether a service of systemd runs, by the processes in its control group.</summary>
internal static class ServiceGroups
{
    // Control groups version 2; version 1 and hybrid, where systemd has a hierarchy of its own.
    private static readonly string[] Hierarchies = ["fs/cgroup", "fs/cgroup/unified", "fs/cgroup/systemd"];

    /// <summary>True where a process is in the service's control group or one below it; null where no group of the system can be seen.</summary>
    /// <param name="sysfs">Where sysfs is mounted.</param>
    /// <param name="service">Its name without <c>.service</c>.</param>
    internal static bool? HoldProcess(string sysfs, string service)
    {
        bool? seen = null;
        foreach (var hierarchy in Hierarchies)
        {
            var slice = Path.Combine(sysfs, hierarchy, "system.slice");
            if (!Directory.Exists(slice)) continue;
            seen = false;
            if (HoldsProcess(Path.Combine(slice, service + ".service"))) return true;
        }
        return seen;
    }

    private static bool HoldsProcess(string group)
    {
        // Version 2 sums up a whole subtree; processes of a delegated group are not in the group itself.
        if (Read(Path.Combine(group, "cgroup.events")) is { } events) return events.Split('\n').Contains("populated 1");
        return Read(Path.Combine(group, "cgroup.procs")) is { Length: > 0 };
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
