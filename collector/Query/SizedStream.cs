using Monitoring.Collector.Captures;

namespace Monitoring.Collector.Query;

/// <summary>
/// So many bytes of a stream, read forward. It says its length and place, which a tar needs to know beforehand and a stream from a bucket
/// does not say; one that ends early is a fault, not a shorter file.
/// </summary>
internal sealed class SizedStream(Stream inner, long length) : Stream
{
    private long position;

    public override bool CanRead => true;

    // Whoever asks wants to know the length; nobody moves it.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set
        {
            if (value != position) throw new NotSupportedException("It is read forward only.");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer[..(int)Math.Min(buffer.Length, length - position)]), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - position)], cancellationToken), buffer.Length);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            throw new CaptureStoreException("unreachable", $"a file broke off after {position} of {length} bytes: {fault.Message}", fault);
        }
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("It is read forward only.");

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int read, int asked)
    {
        if (read == 0 && asked > 0 && position < length) throw new CaptureStoreException("unreachable", $"a file ends after {position} of {length} bytes");
        position += read;
        return read;
    }
}
