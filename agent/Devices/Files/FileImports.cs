using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Files;

/// <summary>The imports of the C library for opening files of another process and nothing else; constants are those of Linux on x86-64 and arm64.</summary>
internal static unsafe partial class FileImports
{
    private const string Library = "libc";

    internal const int ReadOnly = 0;
    internal const int NonBlocking = 0x800; // O_NONBLOCK: a pipe is opened without waiting for its writer
    internal const int CloseOnExec = 0x80000; // O_CLOEXEC
    internal const int PathOnly = 0x200000; // O_PATH
    internal const int CurrentDirectory = -100; // AT_FDCWD
    internal const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    internal const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    internal const uint BasicStatistics = 0x7ff; // STATX_BASIC_STATS

    /// <summary>Number of openat2, the same on every architecture; the C library of older distributions has no function for it.</summary>
    internal const long OpenAt2 = 437;

    internal const ulong NoMagicLinks = 0x02; // RESOLVE_NO_MAGICLINKS: no way through /proc into another process
    internal const ulong NoSymbolicLinks = 0x04; // RESOLVE_NO_SYMLINKS
    internal const ulong Beneath = 0x08; // RESOLVE_BENEATH
    internal const ulong InRoot = 0x10; // RESOLVE_IN_ROOT: links with / at their start lead to the given root, not to ours

    // O_DIRECTORY and O_NOFOLLOW are among the few numbers that differ between architectures.
    internal static readonly int Folder = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    internal static readonly int NoLink = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] internal static partial int open(string path, int flags);
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] internal static partial long syscall(long number, int directory, string path, OpenHow* how, nint size);
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] internal static partial int statx(int directory, string path, int flags, uint mask, FileFacts* result);
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] internal static partial int unlinkat(int directory, string path, int flags);
    [LibraryImport(Library, SetLastError = true)] internal static partial int close(int file);
}

/// <summary>struct open_how.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    internal ulong Flags;
    internal ulong Mode;
    internal ulong Resolve;
}

/// <summary>The part of struct statx that is read; its layout is the same on every architecture (statx(2)).</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileFacts
{
    [FieldOffset(16)] internal uint Links;
    [FieldOffset(20)] internal uint Uid;
    [FieldOffset(28)] internal ushort Mode;
    [FieldOffset(32)] internal ulong Inode;
    [FieldOffset(40)] internal ulong Bytes;
    [FieldOffset(112)] internal long ModifiedSeconds;
    [FieldOffset(120)] internal uint ModifiedNanoseconds;
    [FieldOffset(136)] internal uint DeviceMajor;
    [FieldOffset(140)] internal uint DeviceMinor;

    private const int TypeMask = 0xf000; // S_IFMT

    internal readonly bool IsRegular => (Mode & TypeMask) == 0x8000; // S_IFREG

    internal readonly bool IsSocket => (Mode & TypeMask) == 0xc000; // S_IFSOCK
}
