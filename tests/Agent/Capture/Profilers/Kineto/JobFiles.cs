using System.Globalization;
using System.Runtime.InteropServices;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>A procfs with jobs in it, each with a file system of its own.</summary>
internal sealed partial class JobFiles : IDisposable
{
    /// <summary>The job that most tests mean.</summary>
    internal const long Pid = 4242;

    private readonly string folder = Directory.CreateTempSubdirectory("jobs-").FullName;

    internal JobFiles() => Add(Pid);

    internal string Procfs => $"{folder}/proc";

    /// <summary>A job whose own number is <paramref name="ownPid"/>; in our namespace where that is not given.</summary>
    internal void Add(long pid, int? ownPid = null, params string[] environment)
    {
        Directory.CreateDirectory($"{Procfs}/{pid}");
        Directory.CreateDirectory($"{folder}/root-{pid}/tmp");
        if (!Directory.Exists($"{Procfs}/{pid}/root")) Directory.CreateSymbolicLink($"{Procfs}/{pid}/root", $"{folder}/root-{pid}");
        var numbers = ownPid is { } own ? string.Create(CultureInfo.InvariantCulture, $"{pid}\t{own}") : pid.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText($"{Procfs}/{pid}/status", string.Create(CultureInfo.InvariantCulture, $"Name:\tpython3\nUid:\t{User}\t{User}\t{User}\t{User}\nNSpid:\t{numbers}\n"));
        File.WriteAllText($"{Procfs}/{pid}/environ", string.Join('\0', environment) + "\0");
        File.WriteAllText($"{Procfs}/{pid}/maps", "");
    }

    /// <summary>Who runs the tests, and so whom the files belong to.</summary>
    internal static uint User { get; } = geteuid();

    internal string Inside(string path, long pid = Pid) => $"{folder}/root-{pid}{path}";

    internal string Outside(string name) => $"{folder}/{name}";

    internal void Write(string path, string text, long pid = Pid)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(path, pid))!);
        File.WriteAllText(Inside(path, pid), text);
    }

    internal void Map(params string[] paths) => Map(Pid, paths);

    internal void Map(long pid, params string[] paths) =>
        File.WriteAllLines($"{Procfs}/{pid}/maps", paths.Select(static path => $"7f0000000000-7f0000001000 r-xp 00000000 fe:00 1234                       {path}"));

    /// <summary>A PyTorch of a version.</summary>
    internal void Install(string version, long pid = Pid)
    {
        Map(pid, "/opt/torch/lib/libtorch_cpu.so");
        Write("/opt/torch/version.py", $"__version__ = '{version}'\n", pid);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
