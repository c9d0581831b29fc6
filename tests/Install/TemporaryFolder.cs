namespace Monitoring.Tests.Install;

/// <summary>A folder that lives as long as the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-install-test-");

    internal string Path => _folder.FullName;

    /// <summary>Everything inside, files and links and empty folders, as paths from the folder; sorted.</summary>
    internal string[] Contents =>
        [.. _folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Where(entry => entry is FileInfo || entry.LinkTarget is not null || !((DirectoryInfo)entry).EnumerateFileSystemInfos().Any())
            .Select(entry => System.IO.Path.GetRelativePath(Path, entry.FullName))
            .Order(StringComparer.Ordinal)];

    internal string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a file that can be executed and makes the folders on its way.</summary>
    internal string Program(string text, params string[] parts)
    {
        var path = Write(text, parts);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    internal string Write(string text, params string[] parts)
    {
        var path = Combine(parts);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
