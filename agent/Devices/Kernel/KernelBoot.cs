namespace Monitoring.Agent.Devices.Kernel;

/// <summary>This boot of the node, as procfs tells it.</summary>
/// <param name="procfs">Where procfs is mounted, <c>/proc</c>.</param>
internal sealed class KernelBoot(string procfs)
{
    private const int LongestId = 64;

    /// <summary>What the kernel calls this boot, a UUID; empty where it does not say.</summary>
    internal string Id { get; } = Read(Path.Combine(procfs, "sys/kernel/random/boot_id"));

    private static string Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path).Trim();
            return text.Length <= LongestId ? text : "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
