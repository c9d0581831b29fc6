using Monitoring.Segments;

namespace Monitoring.Collector.Search;

/// <summary>Where it is kept what was delivered to which server, and what it refused.</summary>
/// <param name="Path">The directory, below the state directory.</param>
internal sealed record SearchDirectory(string Path)
{
    private const string Folder = "elasticsearch";

    /// <summary>The files of dead letters.</summary>
    public string DeadLetters => System.IO.Path.Combine(Path, "dead-letters");

    /// <summary>The file with the UUID of the cluster that was filled.</summary>
    public string ClusterFile => System.IO.Path.Combine(Path, "cluster");

    /// <summary>The directory of a state directory, which is made where it does not exist.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static SearchDirectory Open(string stateDirectory)
    {
        var directory = Of(stateDirectory);
        PrivateDirectory.Create(directory.Path);
        return directory;
    }

    /// <summary>The directory of a state directory, there or not.</summary>
    public static SearchDirectory Of(string stateDirectory) => new(System.IO.Path.Combine(stateDirectory, Folder));
}
