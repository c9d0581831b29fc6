using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>
/// Makes captures of uploads: complete files are checked and put aside, and with the manifest, which comes last, they become a bundle.
/// The same capture once more changes nothing.
/// </summary>
internal sealed partial class CaptureIntake(
    UploadStore uploads, CaptureStaging staging, ICaptureFiles files, CaptureCatalogue catalogue, CaptureSettings settings, CaptureRoom room, TimeProvider time, ILogger<CaptureIntake> logger) : IDisposable
{
    // One bundle is put together at a time: a few renames, once the hashes are known.
    private readonly SemaphoreSlim turn = new(1);
    private int completed;
    private int repeated;

    /// <summary>Captures that came whole.</summary>
    public int Completed => Volatile.Read(ref completed);

    /// <summary>Files that were offered again after they had come.</summary>
    public int Repeated => Volatile.Read(ref repeated);

    /// <summary>Called when a capture has come whole.</summary>
    public event Action? Arrived;

    /// <summary>What is here of a file: <see cref="UploadMetadata.FileKept"/>, <see cref="UploadMetadata.CaptureDone"/>, or empty where it must be sent; or why it is not wanted.</summary>
    public async Task<(string State, UploadRefusal? Refusal)> StateAsync(UploadMetadata metadata, CancellationToken cancellationToken)
    {
        var known = catalogue.Find(metadata.Capture);
        if (known is { Node: { Length: > 0 } node } && node != metadata.Node)
        {
            return ("", new UploadRefusal(StatusCodes.Status409Conflict, "conflict", $"capture {metadata.Capture} is one of node '{node}', the upload's metadata says '{metadata.Node}'; one id is one capture of one node"));
        }
        if (known is { Manifest: { } manifest })
        {
            Interlocked.Increment(ref repeated);
            var isSame = metadata.Name == CaptureManifest.FileName
                ? await files.ReadAsync(metadata.Capture, CaptureManifest.FileName, BundleManifest.MostBytes, cancellationToken) is not { } kept
                    || Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(kept)) == metadata.Sha256
                : manifest.Files.Any(file => file.Name == metadata.Name && file.Sha256 == metadata.Sha256);
            return isSame
                ? (UploadMetadata.CaptureDone, null)
                : ("", new UploadRefusal(StatusCodes.Status409Conflict, "conflict", $"capture {metadata.Capture} is complete, and {metadata.Name} of it has another SHA-256 than {metadata.Sha256}; one id is one capture"));
        }
        if (metadata.Name == CaptureManifest.FileName || !await staging.HasAsync(metadata.Capture, metadata.Name, metadata.Sha256, cancellationToken)) return ("", null);
        Interlocked.Increment(ref repeated);
        return (UploadMetadata.FileKept, null);
    }

    /// <summary>Begins an upload in place of one of the same file that was begun before.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public (Upload? Upload, UploadRefusal? Refusal) Create(UploadMetadata metadata, string header, long length)
    {
        var most = metadata.Name == CaptureManifest.FileName ? BundleManifest.MostBytes : settings.MaxFileBytes;
        if (length > most) return (null, new UploadRefusal(StatusCodes.Status413PayloadTooLarge, "too_large", $"{metadata.Name} has {length} bytes, {most} are the limit"));
        if (uploads.Find(metadata) is { } former)
        {
            // Its sender has forgotten it, or is about to be answered 423 elsewhere: one upload of a file is enough.
            if (!former.TryHold()) return (null, UploadRefusal.Locked(former.Id));
            if (!former.IsGone) uploads.Remove(former);
        }
        return room.Refuse(metadata.Capture, length) is { } refusal ? (null, refusal) : (uploads.Create(metadata, header, length), null);
    }

    /// <summary>Checks an upload that has all its bytes, whose lock the caller holds, and puts it where it belongs.</summary>
    /// <returns>What the collector has now, or why the upload is refused.</returns>
    /// <exception cref="IOException">The disk refuses; the upload is as before.</exception>
    public async Task<(string State, UploadRefusal? Refusal)> FinishAsync(Upload upload, CancellationToken cancellationToken)
    {
        var metadata = upload.Metadata;
        var hash = await CaptureStaging.HashOfAsync(upload.DataPath, cancellationToken);
        if (hash != metadata.Sha256)
        {
            uploads.Remove(upload);
            LogWrongHash(metadata.Name, metadata.Capture, metadata.Node, hash, metadata.Sha256);
            return ("", new UploadRefusal(UploadRefusal.ChecksumMismatch, "checksum", $"{metadata.Name} arrived with SHA-256 {hash}, expected {metadata.Sha256}; the upload is removed: send it again"));
        }
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (metadata.Name == CaptureManifest.FileName) return await CommitAsync(upload, cancellationToken);
            if (catalogue.Find(metadata.Capture) is { Manifest: not null })
            {
                uploads.Remove(upload);
                return (UploadMetadata.CaptureDone, null);
            }
            staging.Take(upload, uploads);
            return (UploadMetadata.FileKept, null);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Removes what rests for too long.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (uploads.Sweep() is var expired and > 0) LogExpired(expired, settings.UploadExpiry);
        await turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var capture in staging.Resting(settings.UploadExpiry))
            {
                if (uploads.IsOpen(capture)) continue;
                staging.Remove(capture);
                LogAbandoned(capture, settings.UploadExpiry);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task<(string State, UploadRefusal? Refusal)> CommitAsync(Upload upload, CancellationToken cancellationToken)
    {
        var (capture, node) = (upload.Metadata.Capture, upload.Metadata.Node);
        var manifest = BundleManifest.Read(await File.ReadAllBytesAsync(upload.DataPath, cancellationToken), out var error);
        if (manifest is not null && manifest.Request.Id != capture) error = $"the manifest is of capture {manifest.Request.Id}, the upload's metadata says {capture}";
        else if (manifest is not null && manifest.Node != node) error = $"the manifest is of node '{manifest.Node}', the upload's metadata says '{node}'";
        if (manifest is null || error.Length > 0)
        {
            uploads.Remove(upload);
            return ("", new UploadRefusal(StatusCodes.Status422UnprocessableEntity, "manifest", error));
        }
        if (catalogue.Find(capture) is { Manifest: not null })
        {
            uploads.Remove(upload);
            return (UploadMetadata.CaptureDone, null);
        }
        if (await staging.MissingAsync(manifest, cancellationToken) is { Count: > 0 } missing)
        {
            uploads.Remove(upload);
            return ("", new UploadRefusal(StatusCodes.Status409Conflict, "incomplete", $"of capture {capture} these files are not here, or not as the manifest says: {string.Join(", ", missing)}; send them, then the manifest", missing));
        }
        staging.RemoveOthers(manifest);
        staging.Take(upload, uploads);
        Complete(manifest);
        return (UploadMetadata.CaptureDone, null);
    }

    private void Complete(CaptureManifest manifest)
    {
        var id = manifest.Request.Id;
        var folder = staging.FolderOf(id);
        var summary = new FileInfo(Path.Combine(folder, CaptureManifest.SummaryFileName)) is { Exists: true, Length: <= BundleManifest.MostSummaryBytes } file ? File.ReadAllBytes(file.FullName) : [];
        files.Take(id, folder);
        staging.Remove(id);
        catalogue.Kept(manifest, summary, time.GetUtcNow());
        Interlocked.Increment(ref completed);
        var bytes = BundleManifest.SizeBytes(manifest);
        LogComplete(id, manifest.Node, manifest.Files.Count, bytes);
        Arrived?.Invoke();
    }

    [LoggerMessage(EventId = 5110, Level = LogLevel.Information, Message = "Capture {Id} of {Node} is complete: {Files} files, {Bytes} bytes.")]
    private partial void LogComplete(string id, string node, int files, long bytes);

    [LoggerMessage(EventId = 5111, Level = LogLevel.Warning, Message = "{Name} of capture {Id} of {Node} arrived with SHA-256 {Hash} in place of {Expected} and is sent again.")]
    private partial void LogWrongHash(string name, string id, string node, string hash, string expected);

    [LoggerMessage(EventId = 5112, Level = LogLevel.Warning, Message = "{Count} uploads that had rested for {Age} were removed.")]
    private partial void LogExpired(int count, TimeSpan age);

    [LoggerMessage(EventId = 5113, Level = LogLevel.Warning, Message = "The files of capture {Id} were removed: its manifest has not come, and nothing of it for {Age}.")]
    private partial void LogAbandoned(string id, TimeSpan age);
}
