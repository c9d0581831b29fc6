using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>The device <c>/dev/kmsg</c>: one record a read, from the oldest that the kernel still has. Errors are those of its documentation.</summary>
internal sealed unsafe class KernelLogDevice : IKernelLog
{
    private readonly int file;

    private KernelLogDevice(int file) => this.file = file;

    /// <summary>Opens the log: the device, or a regular file or pipe with records of the same form, which is followed.</summary>
    /// <exception cref="UnauthorizedAccessException">The agent may not read it.</exception>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    internal static IKernelLog Open(string path)
    {
        if (FileIdentity.Of(path) is { IsRegular: true }) return new KernelLogFile(path);
        var file = KernelImports.open(path, KernelImports.ReadOnly | KernelImports.NonBlocking | KernelImports.CloseOnExec);
        if (file < 0) throw Fault(path);
        FileStatistics found = default;
        if (KernelImports.statx(file, "", KernelImports.EmptyPath, KernelImports.BasicStatistics, &found) == 0 && found.IsPipe) return new KernelLogPipe(file);
        // The first read of the device may be refused although opening was not.
        if (KernelImports.lseek(file, 0, KernelImports.FromStart) < 0)
        {
            var fault = Fault(path);
            _ = KernelImports.close(file);
            throw fault;
        }
        return new KernelLogDevice(file);
    }

    /// <inheritdoc/>
    public KernelRead Read(Span<byte> buffer, out int length)
    {
        length = 0;
        while (true)
        {
            nint count;
            fixed (byte* start = buffer) count = KernelImports.read(file, start, buffer.Length);
            if (count > 0)
            {
                length = (int)count;
                return KernelRead.Record;
            }
            if (count == 0) return KernelRead.Empty;
            switch (Marshal.GetLastPInvokeError())
            {
                case KernelImports.Interrupted: continue;
                case KernelImports.TryAgain: return KernelRead.Empty;
                case KernelImports.BrokenPipe: return KernelRead.Overwritten;
                case KernelImports.InvalidArgument: return KernelRead.TooLong;
                default: return KernelRead.Failed;
            }
        }
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan longest) => Wait(file, longest);

    /// <inheritdoc/>
    public void Dispose() => _ = KernelImports.close(file);

    internal static void Wait(int file, TimeSpan longest)
    {
        var entry = new PollEntry { File = file, Wanted = KernelImports.Readable };
        _ = KernelImports.poll(&entry, 1, (int)longest.TotalMilliseconds);
    }

    private static Exception Fault(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        var reason = Marshal.GetPInvokeErrorMessage(error);
        return error is KernelImports.PermissionDenied or KernelImports.AccessDenied
            ? new UnauthorizedAccessException($"{path} cannot be read: {reason}. It needs the capability CAP_SYSLOG, or kernel.dmesg_restrict=0")
            : new IOException($"{path} cannot be read: {reason}");
    }
}
