using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>What makes a file itself, whatever it is called.</summary>
/// <param name="Device">The file system, as major and minor number.</param>
/// <param name="Inode">Its number there.</param>
/// <param name="Bytes">Its size when it was looked at.</param>
/// <param name="IsRegular">False for a pipe or a device.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Bytes, bool IsRegular)
{
    /// <summary>Of a path, links followed; null where there is nothing.</summary>
    internal static unsafe FileIdentity? Of(string path)
    {
        FileStatistics found = default;
        return KernelImports.statx(KernelImports.CurrentDirectory, path, 0, KernelImports.BasicStatistics, &found) == 0 ? Of(found) : null;
    }

    /// <summary>Of an open file.</summary>
    internal static unsafe FileIdentity? Of(SafeHandle handle)
    {
        FileStatistics found = default;
        return KernelImports.statx((int)handle.DangerousGetHandle(), "", KernelImports.EmptyPath, KernelImports.BasicStatistics, &found) == 0 ? Of(found) : null;
    }

    /// <summary>True for the same file, whatever its size.</summary>
    internal bool IsSameFile(FileIdentity other) => Device == other.Device && Inode == other.Inode;

    private static FileIdentity Of(in FileStatistics found) =>
        new(((ulong)found.DeviceMajor << 32) | found.DeviceMinor, found.Inode, (long)found.Bytes, found.IsRegular);
}
