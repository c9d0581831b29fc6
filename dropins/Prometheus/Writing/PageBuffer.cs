using System.Buffers;
using System.Globalization;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>A page grew beyond its limit; nothing of it is served.</summary>
internal sealed class PageLimitException(int limitBytes)
    : Exception(string.Create(CultureInfo.InvariantCulture,
        $"The page is larger than {limitBytes} bytes. Raise MaxScrapeResponseSizeBytes or expose fewer series."));

/// <summary>Growing UTF-8 memory from the pool, with an upper limit.</summary>
internal sealed class PageBuffer(int limitBytes, int expectedBytes) : IDisposable
{
    private const int SmallestBytes = 16 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Clamp(expectedBytes, SmallestBytes, Math.Max(limitBytes, SmallestBytes)));

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>At least <paramref name="sizeBytes"/> of room; <see cref="Advance"/> says how much of it was used.</summary>
    internal Span<byte> Reserve(int sizeBytes)
    {
        if (_bytes.Length - Length < sizeBytes)
            Grow(sizeBytes);
        return _bytes.AsSpan(Length);
    }

    internal void Advance(int sizeBytes)
    {
        Length += sizeBytes;
        if (Length > limitBytes)
            throw new PageLimitException(limitBytes);
    }

    internal void Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        Advance(utf8.Length);
    }

    internal void Append(byte character)
    {
        Reserve(1)[0] = character;
        Advance(1);
    }

    /// <summary>Takes back what was written after a length.</summary>
    internal void Rewind(int length) => Length = length;

    internal Stream AsStream() => new PageBufferStream(this);

    /// <summary>Returns the memory; nothing may read <see cref="Written"/> afterwards.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Grow(int sizeBytes)
    {
        long needed = (long)Length + sizeBytes;
        if (Length > limitBytes || needed > Array.MaxLength)
            throw new PageLimitException(limitBytes);
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 2L)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    /// <summary>Write-only view, for GZipStream.</summary>
    private sealed class PageBufferStream(PageBuffer buffer) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] source, int offset, int count) => buffer.Append(source.AsSpan(offset, count));
        public override void Write(ReadOnlySpan<byte> source) => buffer.Append(source);
    }
}
