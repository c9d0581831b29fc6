using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>A pipe into which another program writes records. What was written while nobody read is lost with it.</summary>
internal sealed unsafe class KernelLogPipe(int file) : IKernelLog
{
    private readonly RecordAssembly assembly = new();
    private readonly byte[] chunk = new byte[4096];
    private bool hasWriter = true;

    /// <inheritdoc/>
    public KernelRead Read(Span<byte> buffer, out int length)
    {
        while (true)
        {
            var taken = assembly.TryTake(buffer, isEnd: false, out length);
            if (taken != KernelRead.Empty) return taken;
            nint count;
            fixed (byte* start = chunk) count = KernelImports.read(file, start, chunk.Length);
            hasWriter = count != 0;
            if (count > 0) assembly.Add(chunk.AsSpan(0, (int)count));
            else if (count == 0 || Marshal.GetLastPInvokeError() is KernelImports.TryAgain) return assembly.TryTake(buffer, isEnd: true, out length);
            else if (Marshal.GetLastPInvokeError() is not KernelImports.Interrupted) return KernelRead.Failed;
        }
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan longest)
    {
        // Without a writer a pipe is always readable, at its end; only time helps then.
        if (hasWriter) KernelLogDevice.Wait(file, longest);
        else Thread.Sleep(longest < KernelLogFile.Poll ? longest : KernelLogFile.Poll);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = KernelImports.close(file);
}
