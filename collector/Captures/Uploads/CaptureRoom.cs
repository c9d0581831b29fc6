namespace Monitoring.Collector.Captures.Uploads;

/// <summary>Whether there is room for an upload: number, the disk's free space, and what captures may take.</summary>
internal sealed class CaptureRoom(string directory, UploadStore uploads, CaptureStaging staging, ICaptureFiles files, CaptureCatalogue catalogue, CaptureSettings settings)
{
    private long shortBytes;

    /// <summary>Called when an upload is refused for which removing older captures would make room.</summary>
    public event Action? Short;

    /// <summary>Free space of the disk.</summary>
    public long FreeBytes => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Bytes on the disk of captures that have not come whole.</summary>
    public long UnderWayBytes => uploads.All.Sum(static upload => upload.Offset) + staging.Sizes.Values.Sum();

    /// <summary>
    /// Why an upload of so many bytes is not begun; null where it may be. Captures of which something is here already are let on: what
    /// waits here goes only by becoming whole, so that others are no reason to keep it waiting. The disk's floor holds for every one.
    /// </summary>
    public UploadRefusal? Refuse(string capture, long length)
    {
        var open = uploads.All;
        var staged = staging.Sizes;
        var missingBytes = open.Sum(static upload => upload.Length - upload.Offset);
        HashSet<string> underWay = [.. staged.Keys, .. open.Select(static upload => upload.Metadata.Capture)];
        var isUnderWay = underWay.Contains(capture);
        if (open.Count >= settings.MaxUploads || (!isUnderWay && underWay.Count >= settings.MaxUploads))
            return new UploadRefusal(StatusCodes.Status503ServiceUnavailable, "too_many", $"{open.Count} uploads of {underWay.Count} captures are under way, {settings.MaxUploads} are the limit (captures.max_uploads); try again later");
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
        var underWayBytes = open.Where(upload => !isUnderWay || upload.Metadata.Capture == capture).Sum(static upload => upload.Length)
            + (isUnderWay ? staged.GetValueOrDefault(capture) : staged.Values.Sum());
        var unmovable = catalogue.Totals.PinnedBytes + underWayBytes + waiting;
        if (unmovable + length > settings.MaxBytes)
            return new UploadRefusal(StatusCodes.Status507InsufficientStorage, "quota",
                $"{length} bytes are over captures.max_bytes ({settings.MaxBytes}) beside {unmovable} of captures that are pinned, under way or wait for the bucket; unpin or delete some");
        return null;
    }

    /// <summary>Bytes that the last upload refused for the disk lacked; 0 for none since the last call.</summary>
    public long TakeShortage() => Interlocked.Exchange(ref shortBytes, 0);
}
