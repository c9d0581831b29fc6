using Monitoring.Segments.Posix;

namespace Monitoring.Segments;

/// <summary>Small files that are replaced as a whole, and names that are changed for good.</summary>
public static class DurableFile
{
    /// <summary>Puts new contents in place of a file: after a sudden end or a power cut it has either the old or the new ones.</summary>
    /// <exception cref="IOException">It cannot be written; the file is as before.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> contents)
    {
        var beside = path + ".new";
        using (var handle = File.OpenHandle(beside, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, contents, 0);
            RandomAccess.FlushToDisk(handle);
        }
        File.Move(beside, path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Renames a file or directory; after a power cut it has the old name or the new one, and what it holds is as safe as it was.</summary>
    /// <exception cref="IOException">It cannot be renamed, or may not have been for good.</exception>
    public static void Move(string path, string target)
    {
        if (Directory.Exists(path)) Directory.Move(path, target);
        else File.Move(path, target, overwrite: true);
        var (from, to) = (Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetDirectoryName(Path.GetFullPath(target))!);
        DirectorySync.Flush(to);
        if (from != to) DirectorySync.Flush(from);
    }

    /// <summary>Makes the names in a directory outlive a power cut.</summary>
    /// <exception cref="IOException">They may not.</exception>
    public static void FlushDirectory(string directory) => DirectorySync.Flush(directory);
}
