namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>Where nsys may lie on a node.</summary>
/// <param name="configured">The setting; empty for none.</param>
/// <param name="searchPath">The PATH.</param>
/// <param name="root">The root of the file system; a test has its own.</param>
internal sealed class NsysPlaces(string configured, string searchPath, string root = "/")
{
    /// <summary>NVIDIA's packages, the toolkit's script, and where Debian's package puts it.</summary>
    private static readonly (string Folder, string Pattern, string Program)[] Known =
    [
        ("opt/nvidia", "nsight-systems*", "target-linux-*/nsys"),
        ("opt/nvidia", "nsight-systems*", "*/target-linux-*/nsys"),
        ("usr/local", "cuda*", "bin/nsys"),
        ("usr/lib", "*-linux-gnu", "nsight-systems/target-linux-*/nsys"),
        ("usr/lib", "nsight-systems", "bin/nsys"),
    ];

    /// <summary>More than a node can have.</summary>
    private const int PlacesAtMost = 32;

    /// <summary>True where a setting names the one to use.</summary>
    internal bool IsConfigured => configured.Length > 0;

    /// <summary>The programs that are there: the configured one alone, else that of the PATH before the others, with links followed.</summary>
    internal IReadOnlyList<string> Find()
    {
        if (IsConfigured) return File.Exists(configured) ? [Resolved(configured)] : [];
        var onPath = searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(static folder => Path.Combine(folder, "nsys"));
        var known = Known.SelectMany(place => Below(Path.Combine(root, place.Folder), place.Pattern, place.Program.Split('/')));
        return [.. onPath.Concat(known).Where(File.Exists).Select(Resolved).Distinct().Take(PlacesAtMost)];
    }

    private static IEnumerable<string> Below(string folder, string pattern, string[] rest)
    {
        string[] found;
        try
        {
            found = Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, pattern).Order(StringComparer.Ordinal).Take(PlacesAtMost)] : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            found = [];
        }
        return rest is [] ? found : found.SelectMany(entry => Below(entry, rest[0], rest[1..]));
    }

    private static string Resolved(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
