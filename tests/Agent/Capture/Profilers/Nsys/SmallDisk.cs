using System.Diagnostics;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>A disk in memory of a size that the test chooses; needs the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    internal string Path { get; }

    internal static SmallDisk Mount(string size)
    {
        var path = Directory.CreateTempSubdirectory("disk-").FullName;
        Requirement.That(Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", $"size={size},mode=0700", "tmpfs", path), "mounting a small disk needs root and the right to mount");
        return new SmallDisk(path);
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
