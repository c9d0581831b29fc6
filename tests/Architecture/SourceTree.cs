namespace Monitoring.Tests.Architecture;

/// <summary>The text files of the repository, as they lie in the working tree.</summary>
internal static class SourceTree
{
    private static readonly string[] BuiltFolders = [".git", ".vs", ".idea", "artifacts", "bin", "obj", "node_modules", "BenchmarkDotNet.Artifacts"];

    private static readonly string[] TextEndings =
    [
        ".cs", ".c", ".h", ".csproj", ".props", ".targets", ".sln", ".json", ".md", ".sh", ".yaml", ".yml", ".conf", ".service", ".txt", ".tsv", ".xml", ".py",
    ];

    /// <summary>Larger files are recordings and the like, not sources.</summary>
    private const long MaximumBytes = 2 << 20;

    /// <summary>The repository that this test program was built from, read once.</summary>
    internal static IReadOnlyList<SourceFile> Repository { get; } = Read(RepositoryRoot.Path);

    /// <summary>Every text file under a folder, built ones left out, in the order of their paths.</summary>
    internal static IReadOnlyList<SourceFile> Read(string root)
    {
        var files = new List<SourceFile>();
        Read(new DirectoryInfo(root), "", files);
        return [.. files.OrderBy(static file => file.Path, StringComparer.Ordinal)];
    }

    private static void Read(DirectoryInfo folder, string prefix, List<SourceFile> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            // A link leads out of the repository, or to what is read anyway.
            if (entry.LinkTarget is not null)
                continue;
            if (entry is DirectoryInfo inner && !BuiltFolders.Contains(inner.Name, StringComparer.Ordinal))
                Read(inner, prefix + inner.Name + "/", files);
            else if (entry is FileInfo { Length: <= MaximumBytes } file && IsText(file.Name))
                files.Add(new SourceFile(prefix + file.Name, File.ReadAllText(file.FullName)));
        }
    }

    /// <summary>By its ending; files without one are scripts and the like.</summary>
    private static bool IsText(string name) => Path.GetExtension(name) is var ending && (ending == "" || TextEndings.Contains(ending, StringComparer.Ordinal));
}
