namespace Monitoring.Collector.Captures.Uploads;

/// <summary>Whether there is room for an upload: number, the disk's free space, and what captures may take.</summary>
internal sealed class CaptureRoom(string directory, UploadStore uploads, CaptureStaging staging, ICaptureFiles files, CaptureCatalogue catalogue, CaptureSettings settings)
{
    private long shortBytes;

    /// <summary>Called when an upload is refused for which removing older captures would make room.</summary>
    public event Action? Short;

    /// <summary>Free space of the disk.</summary>
    public long FreeBytes => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Why an upload of so many bytes is not begun; null where it may be.</summary>
    public UploadRefusal? Refuse(long length)
    {
        var (count, uploadBytes, missingBytes) = uploads.Totals;
        var staged = staging.Totals;
        if (count >= settings.MaxUploads || staged.Captures > settings.MaxUploads)
            return new UploadRefusal(StatusCodes.Status503ServiceUnavailable, "too_many", $"{count} uploads of {staged.Captures} captures are under way, {settings.MaxUploads} are the limit (captures.max_uploads); try again later");
        // What others were promised is as good as taken.
        if (FreeBytes is var free && settings.MinFreeBytes - (free - missingBytes - length) is var lacking and > 0)
        {
            // By the time that its sender tries again the keeper has made room, where it may.
            Interlocked.Exchange(ref shortBytes, lacking);
            Short?.Invoke();
            return new UploadRefusal(StatusCodes.Status507InsufficientStorage, "disk_floor",
                $"{free} bytes are free in {directory}, {missingBytes} of them promised to other uploads; {length} more would leave less than captures.min_free_bytes ({settings.MinFreeBytes})");
        }
        var waiting = files.Waiting.Bytes;
        var unmovable = catalogue.Totals.PinnedBytes + uploadBytes + staged.Bytes + waiting;
        if (unmovable + length > settings.MaxBytes)
            return new UploadRefusal(StatusCodes.Status507InsufficientStorage, "quota",
                $"{length} bytes are over captures.max_bytes ({settings.MaxBytes}) beside {unmovable} of captures that are pinned, under way or wait for the bucket; unpin or delete some");
        return null;
    }

    /// <summary>Bytes that the last upload refused for the disk lacked; 0 for none since the last call.</summary>
    public long TakeShortage() => Interlocked.Exchange(ref shortBytes, 0);
}
