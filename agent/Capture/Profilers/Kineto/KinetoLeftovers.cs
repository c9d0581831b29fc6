using Monitoring.Agent.Devices.Files;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>Removes traces of a capture that nobody will take any more, since the agent was ended while they were written.</summary>
internal static class KinetoLeftovers
{
    // More processes than a node has; what is beyond is left.
    private const int MostProcesses = 65_536;
    private const long FirstProcess = 1;
    private const int MostNames = 20_000;

    /// <returns>How many files were removed.</returns>
    internal static int Remove(string procfs, string captureId, CancellationToken cancellationToken)
    {
        var prefix = KinetoConfig.FilePrefix(captureId);
        var removed = 0;
        // The process that wrote it may have ended; on the host its /tmp is that of the first process, and ours where we have no other.
        foreach (var pid in Processes(procfs).Prepend(Environment.ProcessId).Prepend(FirstProcess))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var process = JobProcess.Read(procfs, pid);
            if (pid != Environment.ProcessId && pid != FirstProcess && process?.Environment.ContainsKey(JobProcess.UsesDaemon) != true) continue;
            using var root = ProcessRoot.Open(procfs, pid);
            if (root is null) continue;
            removed += RemoveIn(root, KinetoConfig.UsualFolder, prefix);
            if (process?.Environment.TryGetValue(JobProcess.TraceFolder, out var folder) == true && KinetoConfig.IsFolder(folder)) removed += RemoveIn(root, folder.TrimEnd('/'), prefix);
        }
        return removed;
    }

    private static int RemoveIn(ProcessRoot root, string folder, string prefix) =>
        root.Names(folder, MostNames).Count(name => name.StartsWith(prefix, StringComparison.Ordinal) && root.Remove($"{folder}/{name}"));

    private static IEnumerable<long> Processes(string procfs) =>
        from path in Directory.EnumerateDirectories(procfs).Take(MostProcesses)
        let name = Path.GetFileName(path)
        where name.All(char.IsAsciiDigit)
        select long.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
}
