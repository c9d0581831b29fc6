using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>Writes the body of a request to the end of an upload, on disk before the offset says so.</summary>
internal sealed class UploadWriter(UploadStore store)
{
    private const int BufferBytes = 128 << 10;

    // So often the bytes go to disk within a request too: the last flush is short, and a broken link costs little.
    private const long FlushBytes = 16 << 20;

    private long received;

    /// <summary>Bytes that came and were kept, of all uploads.</summary>
    public long ReceivedBytes => Interlocked.Read(ref received);

    /// <summary>
    /// Appends a body at the upload's offset. Where the sender goes away in the middle, what came is kept, unless it has a checksum: then
    /// all of it is, or nothing. The caller holds the upload's lock.
    /// </summary>
    /// <returns>Null where all was taken, or why not.</returns>
    public async Task<UploadRefusal?> AppendAsync(Upload upload, Stream body, UploadChecksum? checksum, CancellationToken cancellationToken)
    {
        using var hash = checksum is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            using var file = File.OpenHandle(upload.DataPath, FileMode.Open, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous);
            // Left by a write that failed: what is beyond the offset was never said to be there.
            if (RandomAccess.GetLength(file) > upload.Offset) RandomAccess.SetLength(file, upload.Offset);
            if (checksum is null) store.EndUnchecked(upload);
            else store.BeginUnchecked(upload);
            var start = upload.Offset;
            var refusal = await CopyAsync(upload, body, file, hash, cancellationToken);
            if (refusal is null && checksum is not null && !hash!.GetHashAndReset().AsSpan().SequenceEqual(checksum.Hash))
                refusal = new UploadRefusal(UploadRefusal.ChecksumMismatch, "checksum", $"the bytes do not have the Upload-Checksum {Convert.ToBase64String(checksum.Hash)}; send them again");
            if (refusal is not null && (checksum is not null || refusal.Reason == "too_large"))
            {
                upload.Offset = start;
                RandomAccess.SetLength(file, start);
            }
            if (checksum is not null) store.EndUnchecked(upload);
            Interlocked.Add(ref received, upload.Offset - start);
            if (upload.Offset > start) store.Touch(upload);
            return refusal;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return UploadRefusal.Disk(fault.Message);
        }
    }

    private static async Task<UploadRefusal?> CopyAsync(Upload upload, Stream body, SafeFileHandle file, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var isChecked = hash is not null;
        var written = upload.Offset;
        try
        {
            while (true)
            {
                var (count, isBroken) = await ReadAsync(body, buffer, cancellationToken);
                if (count == 0)
                {
                    Settle();
                    return isBroken ? new UploadRefusal(StatusCodes.Status400BadRequest, "request", "the body ended early") : null;
                }
                if (count > upload.Length - written) return UploadRefusal.TooLong(upload.Length);
                await RandomAccess.WriteAsync(file, buffer.AsMemory(0, count), written, CancellationToken.None);
                hash?.AppendData(buffer, 0, count);
                written += count;
                if (!isChecked && written - upload.Offset >= FlushBytes) Settle();
            }
        }
        catch (IOException)
        {
            RandomAccess.SetLength(file, upload.Offset);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        void Settle()
        {
            if (written == upload.Offset) return;
            RandomAccess.FlushToDisk(file);
            upload.Offset = written;
        }
    }

    /// <summary>Reads of the body; what the sender breaks off is an end, not a fault of the disk.</summary>
    private static async Task<(int Count, bool IsBroken)> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return (await body.ReadAsync(buffer, cancellationToken), false);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            return (0, true);
        }
    }
}
