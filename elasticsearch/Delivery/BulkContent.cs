using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>
/// The body of a <c>_bulk</c> request, written into the connection as it goes: documents are copied once, into the buffer that goes out.
/// </summary>
internal sealed class BulkContent : HttpContent
{
    /// <summary>What is gathered before it is written; also more than the longest action line with its index, id and escapes.</summary>
    private const int BufferBytes = 64 << 10;

    private readonly IReadOnlyList<WaitingDocument> batch;
    private readonly bool isCompressed;

    internal BulkContent(IReadOnlyList<WaitingDocument> batch, bool compress)
    {
        (this.batch, isCompressed) = (batch, compress);
        // With Elasticsearch's own media type OpenSearch answers 406; this one both take.
        Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        if (compress) Headers.ContentEncoding.Add("gzip");
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = isCompressed ? 0 : batch.Sum(static waiting => (long)waiting.Bytes);
        return !isCompressed;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!isCompressed)
        {
            await WriteAsync(stream, cancellationToken).ConfigureAwait(false);
            return;
        }
        var compressed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        await using (compressed.ConfigureAwait(false))
            await WriteAsync(compressed, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var filled = 0;
            foreach (var waiting in batch)
            {
                var document = waiting.Document;
                if (filled > 0 && filled + waiting.Bytes > buffer.Length)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, filled), cancellationToken).ConfigureAwait(false);
                    filled = 0;
                }
                filled += BulkAction.Write(buffer.AsSpan(filled), document.Index, document.Id);
                if (filled + document.Json.Length + 1 > buffer.Length)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, filled), cancellationToken).ConfigureAwait(false);
                    await stream.WriteAsync(document.Json, cancellationToken).ConfigureAwait(false);
                    filled = 0;
                }
                else
                {
                    document.Json.Span.CopyTo(buffer.AsSpan(filled));
                    filled += document.Json.Length;
                }
                buffer[filled++] = (byte)'\n';
            }
            await stream.WriteAsync(buffer.AsMemory(0, filled), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
