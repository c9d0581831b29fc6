namespace Monitoring.Agent.Devices.Kernel;

/// <summary>Puts records together from a stream of bytes: a line and the lines after it that begin with a blank.</summary>
internal sealed class RecordAssembly
{
    // A line that does not end is dropped once it is longer than any record can be.
    private const int LongestRecord = 64 * 1024;

    private readonly byte[] waiting = new byte[LongestRecord];
    private int length;
    private bool drops;

    private int Room => waiting.Length - length;

    /// <summary>Adds bytes that were read, a chunk at a time.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        if (drops)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0) return;
            bytes = bytes[(end + 1)..];
            drops = false;
        }
        if (bytes.Length > Room)
        {
            length = 0;
            drops = true;
            Add(bytes);
            return;
        }
        bytes.CopyTo(waiting.AsSpan(length));
        length += bytes.Length;
    }

    /// <summary>Takes the first whole record.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="isEnd">Nothing more was written yet, so that a whole line is a whole record.</param>
    /// <param name="taken">Its length.</param>
    internal KernelRead TryTake(Span<byte> buffer, bool isEnd, out int taken)
    {
        taken = 0;
        var bytes = waiting.AsSpan(0, length);
        var end = 0;
        while (true)
        {
            var newline = bytes[end..].IndexOf((byte)'\n');
            if (newline < 0)
            {
                if (end == 0 || !isEnd) return KernelRead.Empty;
                break;
            }
            end += newline + 1;
            if (end < bytes.Length ? bytes[end] != ' ' : isEnd) break;
            if (end == bytes.Length) return KernelRead.Empty;
        }
        var fits = end <= buffer.Length;
        if (fits)
        {
            bytes[..end].CopyTo(buffer);
            taken = end;
        }
        bytes[end..].CopyTo(waiting);
        length -= end;
        return fits ? KernelRead.Record : KernelRead.TooLong;
    }

    /// <summary>Forgets a line that will have no end, since what follows is from another file; whole lines stay.</summary>
    internal void DropPart()
    {
        length = waiting.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
        drops = false;
    }
}
