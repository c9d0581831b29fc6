namespace Monitoring.Tests;

/// <summary>The source tree that this test program was built from.</summary>
internal static class RepositoryRoot
{
    /// <summary>The folder that holds <c>Monitoring.sln</c>.</summary>
    internal static string Path { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A path inside the tree, its parts given from the root.</summary>
    internal static string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Monitoring.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {start} holds Monitoring.sln; run the test program where it was built.");
    }
}
