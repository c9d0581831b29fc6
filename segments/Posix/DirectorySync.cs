using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Monitoring.Segments.Posix;

/// <summary>Makes the entries of a directory outlive a power cut: fsync(2) of the directory, which .NET refuses to open.</summary>
internal static partial class DirectorySync
{
    // From <fcntl.h> of Linux, all architectures that .NET runs on but for O_DIRECTORY, which is left out for that reason.
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    /// <summary>Writes the directory's entries to disk.</summary>
    /// <exception cref="IOException">It cannot be opened or written.</exception>
    internal static void Flush(string directory)
    {
        var descriptor = open(directory, ReadOnly | CloseOnExec);
        if (descriptor < 0) throw new IOException($"{directory}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);
}
