using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Monitoring.Collector.Captures.Buckets;

/// <summary>
/// Objects of one bucket below a prefix, with nothing of S3 that its look-alikes lack: no conditional writes, no tags, no versions.
/// Whatever fails is a <see cref="CaptureStoreException"/> that says what helps.
/// </summary>
internal sealed class CaptureBucket : IDisposable
{
    // Of the SDK's own, within one call; whoever calls tries again anyway.
    private const int Retries = 2;
    private const int MostParts = 10_000; // S3's limit
    private const int MostKeysPerDelete = 1000; // S3's limit

    private readonly AmazonS3Client client;
    private readonly BucketSettings settings;

    public CaptureBucket(BucketSettings settings)
    {
        this.settings = settings;
        var configuration = new AmazonS3Config
        {
            ForcePathStyle = true,
            AuthenticationRegion = settings.Region,
            Timeout = settings.Timeout,
            MaxErrorRetry = Retries,
        };
        if (settings.Endpoint is { } endpoint) configuration.ServiceURL = endpoint.ToString();
        else configuration.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(settings.Region);
        client = new AmazonS3Client(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), configuration);
    }

    /// <summary>Puts a file; it is in the bucket whole when the call returns. A large one goes in parts.</summary>
    public Task PutAsync(string key, string path, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        var length = new FileInfo(path).Length;
        if (length > settings.PartBytes) await PutPartsAsync(key, path, length, cancellationToken);
        else await client.PutObjectAsync(new PutObjectRequest { BucketName = settings.Name, Key = Full(key), FilePath = path, ContentType = "application/octet-stream", UseChunkEncoding = false }, cancellationToken);
        return true;
    }, cancellationToken);

    /// <summary>A part of an object, read as it is asked for; null where there is none.</summary>
    public Task<Stream?> OpenAsync(string key, long offset, long length, CancellationToken cancellationToken) => TryAsync<Stream?>(async () =>
    {
        try
        {
            var request = new GetObjectRequest { BucketName = settings.Name, Key = Full(key) };
            // Of an empty object no range can be had.
            if (length > 0) request.ByteRange = new ByteRange(offset, offset + length - 1);
            return new ResponseStream(await client.GetObjectAsync(request, cancellationToken));
        }
        catch (AmazonS3Exception fault) when (fault.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }, cancellationToken);

    /// <summary>The whole of a small object; null where there is none or it is over the limit.</summary>
    public Task<byte[]?> ReadAsync(string key, long bytesAtMost, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        try
        {
            using var response = await client.GetObjectAsync(new GetObjectRequest { BucketName = settings.Name, Key = Full(key) }, cancellationToken);
            if (response.ContentLength > bytesAtMost) return null;
            var bytes = new byte[response.ContentLength];
            await response.ResponseStream.ReadExactlyAsync(bytes, cancellationToken);
            return bytes;
        }
        catch (AmazonS3Exception fault) when (fault.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }, cancellationToken);

    /// <summary>Every object below the prefix, in the order of keys.</summary>
    public async IAsyncEnumerable<BucketObject> ListAsync(string below, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = settings.Name, Prefix = Full(below) };
        bool? isMore;
        do
        {
            var page = await TryAsync(() => client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var one in page.S3Objects)
                if (one.Key.Length > settings.Prefix.Length) yield return new BucketObject(one.Key[settings.Prefix.Length..], one.Size, new DateTimeOffset(one.LastModified.ToUniversalTime()));
            request.ContinuationToken = page.NextContinuationToken;
            isMore = page.IsTruncated;
        }
        while (isMore == true);
    }

    /// <summary>Deletes objects; those that are not there are no fault.</summary>
    public Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        foreach (var some in keys.Chunk(MostKeysPerDelete))
        {
            var request = new DeleteObjectsRequest { BucketName = settings.Name, Quiet = true };
            foreach (var key in some) request.AddKey(Full(key));
            await client.DeleteObjectsAsync(request, cancellationToken);
        }
        return true;
    }, cancellationToken);

    /// <summary>Aborts uploads in parts that a sudden end left behind; their parts take room that no list shows.</summary>
    /// <returns>How many.</returns>
    public async Task<int> AbortLeftoversAsync(CancellationToken cancellationToken)
    {
        var aborted = 0;
        var request = new ListMultipartUploadsRequest { BucketName = settings.Name, Prefix = settings.Prefix };
        ListMultipartUploadsResponse page;
        do
        {
            page = await TryAsync(() => client.ListMultipartUploadsAsync(request, cancellationToken), cancellationToken);
            foreach (var upload in page.MultipartUploads.Where(upload => upload.Key.StartsWith(settings.Prefix, StringComparison.Ordinal)))
            {
                await TryAsync(() => client.AbortMultipartUploadAsync(settings.Name, upload.Key, upload.UploadId, cancellationToken), cancellationToken);
                aborted++;
            }
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated && page.MultipartUploads.Count > 0);
        return aborted;
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task PutPartsAsync(string key, string path, long length, CancellationToken cancellationToken)
    {
        var partBytes = Math.Max(settings.PartBytes, (length + MostParts - 1) / MostParts);
        var begun = await client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = settings.Name, Key = Full(key), ContentType = "application/octet-stream" }, cancellationToken);
        try
        {
            var parts = new List<PartETag>();
            for (var offset = 0L; offset < length; offset += partBytes)
            {
                var part = await client.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = settings.Name, Key = Full(key), UploadId = begun.UploadId, PartNumber = parts.Count + 1,
                    FilePath = path, FilePosition = offset, PartSize = Math.Min(partBytes, length - offset), UseChunkEncoding = false,
                }, cancellationToken);
                parts.Add(new PartETag(part.PartNumber, part.ETag));
            }
            await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = settings.Name, Key = Full(key), UploadId = begun.UploadId, PartETags = parts }, cancellationToken);
        }
        catch
        {
            await AbortAsync(key, begun.UploadId);
            throw;
        }
    }

    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            // Not under the caller's token: that may be what ended the upload.
            await client.AbortMultipartUploadAsync(settings.Name, Full(key), upload, CancellationToken.None);
        }
        catch (Exception fault) when (BucketFault.Of(fault, settings) is not null)
        {
            // What ended the upload ends this too; AbortLeftoversAsync finds it.
        }
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && BucketFault.Of(fault, settings) is not null)
        {
            throw BucketFault.Of(fault, settings)!;
        }
    }

    private string Full(string key) => settings.Prefix + key;
}

/// <summary>An object of the bucket.</summary>
/// <param name="Key">Its key below the prefix.</param>
internal readonly record struct BucketObject(string Key, long SizeBytes, DateTimeOffset ModifiedAt);
