namespace Monitoring.Agent.Devices.Kernel;

/// <summary>A file with records of the kernel's form, such as a simulated node writes: read from its start and followed.</summary>
internal sealed class KernelLogFile : IKernelLog
{
    /// <summary>How often a file is looked at; a device says by itself that it has more.</summary>
    internal static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly FollowedFile file;
    private readonly RecordAssembly assembly = new();
    private readonly byte[] chunk = new byte[16 * 1024];

    internal KernelLogFile(string path)
    {
        file = new FollowedFile(path);
        file.Restarted += assembly.DropPart;
    }

    /// <inheritdoc/>
    public KernelRead Read(Span<byte> buffer, out int length)
    {
        while (true)
        {
            var taken = assembly.TryTake(buffer, isEnd: false, out length);
            if (taken != KernelRead.Empty) return taken;
            int count;
            try
            {
                count = file.Read(chunk);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return KernelRead.Failed;
            }
            if (count == 0) return assembly.TryTake(buffer, isEnd: true, out length);
            assembly.Add(chunk.AsSpan(0, count));
        }
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan longest) => Thread.Sleep(longest < Poll ? longest : Poll);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
