using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Monitoring.Agent.Devices.Files;

/// <summary>A file of another process.</summary>
/// <param name="Uid">Whom it belongs to.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Modified">When it was last written.</param>
internal sealed record ForeignFile(SafeFileHandle Handle, uint Uid, uint Links, long Bytes, DateTimeOffset Modified) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}

/// <summary>
/// The file system as another process sees it, held open while it is needed, so that files can still be taken when the process is gone.
/// Whoever owns the process may have laid links there: none leads out of it (openat2, Linux 5.6), and the last name is never followed.
/// </summary>
internal sealed unsafe class ProcessRoot : IDisposable
{
    private readonly int root;

    private ProcessRoot(int root) => this.root = root;

    /// <summary>Opens the root of a process.</summary>
    /// <param name="procfs">Where procfs is mounted, <c>/proc</c>.</param>
    /// <param name="pid">The process, in our namespace.</param>
    /// <returns>Null where it is gone or we may not look into it.</returns>
    internal static ProcessRoot? Open(string procfs, long pid)
    {
        var file = FileImports.open($"{procfs}/{pid}/root", FileImports.PathOnly | FileImports.Folder | FileImports.CloseOnExec);
        return file >= 0 ? new ProcessRoot(file) : null;
    }

    /// <summary>Opens a regular file to read it.</summary>
    /// <param name="path">As the process would call it, from / on.</param>
    /// <returns>Null where there is none; links, pipes, devices and folders count as none.</returns>
    internal ForeignFile? OpenFile(string path)
    {
        var (folder, name) = Split(path);
        using var directory = OpenFolder(folder);
        if (directory is null) return null;
        var file = OpenAt((int)directory.DangerousGetHandle(), name, FileImports.ReadOnly | FileImports.NonBlocking | FileImports.NoLink | FileImports.CloseOnExec,
            FileImports.Beneath | FileImports.NoSymbolicLinks | FileImports.NoMagicLinks);
        if (file < 0) return null;
        var handle = new SafeFileHandle(file, ownsHandle: true);
        FileFacts facts = default;
        if (FileImports.statx(file, "", FileImports.EmptyPath, FileImports.BasicStatistics, &facts) == 0 && facts.IsRegular)
            return new ForeignFile(handle, facts.Uid, facts.Links, (long)facts.Bytes, DateTimeOffset.FromUnixTimeSeconds(facts.ModifiedSeconds).AddTicks(facts.ModifiedNanoseconds / 100));
        handle.Dispose();
        return null;
    }

    /// <summary>Reads a small file as text.</summary>
    /// <returns>Null where there is none, or one that is larger than <paramref name="mostBytes"/>.</returns>
    internal string? ReadText(string path, int mostBytes)
    {
        using var file = OpenFile(path);
        if (file is null) return null;
        var bytes = new byte[mostBytes + 1];
        var length = 0;
        try
        {
            while (length < bytes.Length && RandomAccess.Read(file.Handle, bytes.AsSpan(length), length) is var count and > 0) length += count;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        return length <= mostBytes ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    /// <summary>Names in a folder, in no order.</summary>
    /// <param name="most">No more are looked at.</param>
    internal IReadOnlyList<string> Names(string folder, int most)
    {
        using var directory = OpenFolder(folder);
        if (directory is null) return [];
        try
        {
            // The folder that is open, whatever its name leads to meanwhile.
            return [.. Directory.EnumerateFileSystemEntries($"/proc/self/fd/{directory.DangerousGetHandle()}/").Take(most).Select(static entry => Path.GetFileName(entry))];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Free bytes of the file system of a folder, as one without privileges may use them; null where that cannot be told.</summary>
    internal long? FreeBytes(string folder)
    {
        using var directory = OpenFolder(folder);
        if (directory is null) return null;
        try
        {
            // The folder that is open, whatever its name leads to meanwhile.
            return new DriveInfo($"/proc/self/fd/{directory.DangerousGetHandle()}").AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Removes a name; what it leads to stays.</summary>
    /// <returns>True where it is gone.</returns>
    internal bool Remove(string path)
    {
        var (folder, name) = Split(path);
        using var directory = OpenFolder(folder);
        return directory is not null && FileImports.unlinkat((int)directory.DangerousGetHandle(), name, 0) == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = FileImports.close(root);

    private SafeFileHandle? OpenFolder(string folder)
    {
        var file = OpenAt(root, folder, FileImports.PathOnly | FileImports.Folder | FileImports.CloseOnExec, FileImports.InRoot | FileImports.NoMagicLinks);
        return file >= 0 ? new SafeFileHandle(file, ownsHandle: true) : null;
    }

    private static int OpenAt(int directory, string path, int flags, ulong resolve)
    {
        var how = new OpenHow { Flags = (ulong)flags, Resolve = resolve };
        return (int)FileImports.syscall(FileImports.OpenAt2, directory, path, &how, sizeof(OpenHow));
    }

    private static (string Folder, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 || slash == path.Length - 1 ? throw new ArgumentException($"'{path}' names no file from / on") : (slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
    }
}
