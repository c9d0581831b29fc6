using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Net.Http.Headers;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>Receives the body of a push and unpacks it, within the limits.</summary>
internal static class PushBody
{
    private const int SmallestGzipBytes = 18;

    /// <summary>What is wrong with the request's head.</summary>
    public static PushRejection CheckHead(HttpRequest request, string mediaType, IngestSettings limits, out bool isGzip)
    {
        isGzip = false;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase))
            return PushRejection.ContentType;

        var encoding = request.Headers.ContentEncoding.ToString().Trim();
        isGzip = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        if (!isGzip && encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)) return PushRejection.ContentEncoding;
        return request.ContentLength > limits.MaxCompressedBytes ? PushRejection.CompressedSize : PushRejection.None;
    }

    /// <summary>Receives the body as it comes over the wire.</summary>
    public static async Task<PushRejection> ReceiveAsync(HttpRequest request, PooledBytes body, int limit, BodyBudget budget, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(body.Room(limit), cancellationToken);
                if (read == 0) return PushRejection.None;
                body.Advance(read);
                var fits = budget.Take(read);
                if (body.Length > limit) return PushRejection.CompressedSize;
                if (!fits) return PushRejection.BodyMemory;
            }
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? PushRejection.CompressedSize : PushRejection.Incomplete;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The sender hung up; nobody will read the answer, but the count tells of it.
            return PushRejection.Incomplete;
        }
    }

    /// <summary>
    /// Unpacks gzip. GZipStream takes a body that was cut short for a whole one, and the rest could be a smaller but valid
    /// push: so the length in the trailer (RFC 1952, ISIZE) must be that of what came out. A body of several members, which
    /// no OTLP sender makes, fails with it.
    /// </summary>
    public static PushRejection Unpack(PooledBytes packed, PooledBytes unpacked, int limit)
    {
        try
        {
            using var source = packed.AsStream();
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            while (true)
            {
                var read = gzip.Read(unpacked.Room(limit).Span);
                if (read == 0) return HasWholeTrailer(packed.Written, unpacked.Length) ? PushRejection.None : PushRejection.Gzip;
                unpacked.Advance(read);
                if (unpacked.Length > limit) return PushRejection.DecompressedSize;
            }
        }
        catch (InvalidDataException)
        {
            return PushRejection.Gzip;
        }
    }

    private static bool HasWholeTrailer(ReadOnlySpan<byte> packed, int unpackedLength)
        => packed.Length >= SmallestGzipBytes && BinaryPrimitives.ReadUInt32LittleEndian(packed[^4..]) == (uint)unpackedLength;
}
