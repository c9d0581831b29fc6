namespace Monitoring.Simulator;

/// <summary>Where the simulated NVML library lies beside the programs that use the simulator.</summary>
public static class SimulatorLibrary
{
    /// <summary>The library's soname, the name clients load.</summary>
    public const string FileName = "libnvidia-ml.so.1";

    /// <summary>The name without a version, which some clients load instead.</summary>
    public const string LinkName = "libnvidia-ml.so";

    /// <summary>Full path of the built library in the output directory.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "native", FileName);

    /// <summary>Copies the library and its link into a directory, which a state file turns into a node.</summary>
    internal static string CopyTo(string directory)
    {
        if (!File.Exists(Path))
            throw new FileNotFoundException($"the simulated NVML library is missing at {Path}: build the project simulator/Monitoring.Simulator.csproj", Path);
        Directory.CreateDirectory(directory);
        var target = System.IO.Path.Combine(directory, FileName);
        var temporary = target + ".new";
        // A rename, because a client may have the old file mapped: writing into it would change its code.
        File.Copy(Path, temporary, overwrite: true);
        File.Move(temporary, target, overwrite: true);
        var link = System.IO.Path.Combine(directory, LinkName);
        File.Delete(link);
        File.CreateSymbolicLink(link, FileName);
        return target;
    }
}
