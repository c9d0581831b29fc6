using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>The imports of the C library for the kernel's log and nothing else; constants are those of Linux on every 64-bit machine.</summary>
internal static unsafe partial class KernelImports
{
    private const string Library = "libc";

    internal const int ReadOnly = 0;
    internal const int NonBlocking = 0x800; // O_NONBLOCK
    internal const int CloseOnExec = 0x80000; // O_CLOEXEC
    internal const int FromStart = 0; // SEEK_SET
    internal const short Readable = 1; // POLLIN

    internal const int PermissionDenied = 1; // EPERM: /dev/kmsg without CAP_SYSLOG where kernel.dmesg_restrict=1
    internal const int Interrupted = 4; // EINTR
    internal const int TryAgain = 11; // EAGAIN
    internal const int AccessDenied = 13; // EACCES
    internal const int InvalidArgument = 22; // EINVAL
    internal const int BrokenPipe = 32; // EPIPE

    internal const int CurrentDirectory = -100; // AT_FDCWD
    internal const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    internal const uint BasicStatistics = 0x7ff; // STATX_BASIC_STATS

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] internal static partial int open(string path, int flags);
    [LibraryImport(Library, SetLastError = true)] internal static partial nint read(int file, byte* buffer, nint length);
    [LibraryImport(Library, SetLastError = true)] internal static partial long lseek(int file, long offset, int origin);
    [LibraryImport(Library, SetLastError = true)] internal static partial int poll(PollEntry* entries, nuint count, int milliseconds);
    [LibraryImport(Library, SetLastError = true)] internal static partial int close(int file);
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] internal static partial int statx(int directory, string path, int flags, uint mask, FileStatistics* result);
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal int File;
    internal short Wanted;
    internal short Found;
}

/// <summary>The part of struct statx that is read; its layout is the same on every architecture (statx(2)).</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatistics
{
    [FieldOffset(28)] internal ushort Mode;
    [FieldOffset(32)] internal ulong Inode;
    [FieldOffset(40)] internal ulong Bytes;
    [FieldOffset(136)] internal uint DeviceMajor;
    [FieldOffset(140)] internal uint DeviceMinor;

    private const int TypeMask = 0xf000; // S_IFMT

    internal readonly bool IsRegular => (Mode & TypeMask) == 0x8000; // S_IFREG

    internal readonly bool IsPipe => (Mode & TypeMask) == 0x1000; // S_IFIFO
}
