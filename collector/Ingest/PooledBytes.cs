using System.Buffers;

namespace Monitoring.Collector.Ingest;

/// <summary>A growing buffer from the pool, up to a limit; whoever holds it disposes of it.</summary>
internal sealed class PooledBytes : IDisposable
{
    // Grown by doubling from here, so that a sender must send bytes to make the collector hold bytes.
    private const int FirstBytes = 16 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>What was written, as a stream over the same memory.</summary>
    public MemoryStream AsStream() => new(buffer, 0, Length, writable: false);

    /// <summary>Room for at least one more byte, no more than a byte past the limit: filling that one shows an oversized body.</summary>
    public Memory<byte> Room(int limit)
    {
        if (Length == buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsMemory(Length, Math.Min(buffer.Length - Length, limit - Length + 1));
    }

    /// <summary>Takes what was filled into <see cref="Room"/>.</summary>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        Length = 0;
    }
}
