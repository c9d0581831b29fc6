using Microsoft.Win32.SafeHandles;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>
/// A file that others append to, read to its end and beyond: growth, truncation (read from the start again) and replacement by another
/// file of the same name (the old one is read to its end first). Used by one thread.
/// </summary>
internal sealed class FollowedFile(string path) : IDisposable
{
    private SafeFileHandle? handle;
    private FileIdentity identity;

    /// <summary>Where the next byte is read from.</summary>
    internal long Offset { get; private set; }

    /// <summary>Number of the file that is read; 0 while there is none.</summary>
    internal ulong Inode => handle is null ? 0 : identity.Inode;

    /// <summary>Raised before a byte of another file, or of the same one after truncation, is read.</summary>
    internal event Action? Restarted;

    /// <summary>
    /// Goes on where an earlier reader stopped: in the file that was read then, even under the name that rotation gave it
    /// (<c>name.1</c>); from the start where that is gone.
    /// </summary>
    internal void Resume(ulong inode, long offset)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        string[] candidates;
        try
        {
            candidates = [path, .. Directory.EnumerateFiles(folder, Path.GetFileName(path) + "*").Order(StringComparer.Ordinal).Take(64)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            candidates = [path];
        }
        foreach (var candidate in candidates)
            if (FileIdentity.Of(candidate) is { IsRegular: true } found && found.Inode == inode && found.Bytes >= offset)
            {
                Open(candidate);
                Offset = offset;
                return;
            }
    }

    /// <summary>Reads what was appended.</summary>
    /// <returns>How many bytes; 0 at the end.</returns>
    /// <exception cref="IOException">The file cannot be read; asking again opens it anew.</exception>
    /// <exception cref="UnauthorizedAccessException">The agent may not read it.</exception>
    internal int Read(Span<byte> buffer)
    {
        if (handle is null && FileIdentity.Of(path) is null) return 0;
        if (handle is null) Open(path);
        try
        {
            var count = RandomAccess.Read(handle!, buffer, Offset);
            Offset += count;
            return count > 0 || !IsReplaced() ? count : Read(buffer);
        }
        catch (IOException)
        {
            Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <summary>At the end of the file: whether there is another to read, or the same from its start.</summary>
    private bool IsReplaced()
    {
        if (FileIdentity.Of(handle!) is { } now && now.Bytes < Offset)
        {
            Offset = 0;
            Restarted?.Invoke();
            return true;
        }
        if (FileIdentity.Of(path) is not { } named || named.IsSameFile(identity)) return false;
        Close();
        Restarted?.Invoke();
        return true;
    }

    private void Open(string name)
    {
        Close();
        handle = File.OpenHandle(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        identity = FileIdentity.Of(handle) ?? default;
        Offset = 0;
    }

    private void Close()
    {
        handle?.Dispose();
        handle = null;
        Offset = 0;
    }
}
