namespace Monitoring.Segments;

/// <summary>Directories for what not everyone on the machine may read, such as lines of the kernel's log.</summary>
public static class PrivateDirectory
{
    /// <summary>Makes a directory for the owner alone, those above it that are missing as usual; one that is there stays as it is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
