namespace Monitoring.Agent.Devices.Kernel;

/// <summary>What came of asking the kernel's log for its next record.</summary>
internal enum KernelRead
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>None yet.</summary>
    Empty,

    /// <summary>Records were overwritten before they were read; the next one is the oldest that is left.</summary>
    Overwritten,

    /// <summary>A record that is longer than the buffer; it was passed over.</summary>
    TooLong,

    /// <summary>The log cannot be read any more; it is to be opened anew.</summary>
    Failed,
}

/// <summary>An open log of the kernel: the device, or a file of the same form. Used by one thread.</summary>
internal interface IKernelLog : IDisposable
{
    /// <summary>Reads the next record without waiting.</summary>
    KernelRead Read(Span<byte> buffer, out int length);

    /// <summary>Waits until there may be a record, at most so long.</summary>
    void Wait(TimeSpan longest);
}
