using Monitoring.Collector.Captures.Buckets;
using Monitoring.Settings;

namespace Monitoring.Collector.Captures;

/// <summary>Which captures are taken, where they are kept, and for how long.</summary>
internal sealed class CaptureSettings
{
    /// <summary>Where captures and uploads lie.</summary>
    [Setting("Directory for captures and their uploads, on one file system; empty takes 'captures' in the state directory. Without either, captures are refused.")]
    public string Directory { get; set; } = "";

    /// <summary>Room for captures.</summary>
    [Setting("Room for captures, pinned ones and those on their way included; beyond it the oldest that are not pinned go first.", Minimum = "1MiB", Maximum = "1024TiB")]
    public long MaxBytes { get; set; } = 50L << 30;

    /// <summary>How long captures are kept.</summary>
    [Setting("How long captures are kept that are not pinned, from when they came.", Minimum = "1h", Maximum = "3650d")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Number of captures.</summary>
    [Setting("Captures that are kept at once; beyond it the oldest that are not pinned go first. Each takes some 20 kilobytes of memory.", Minimum = "1", Maximum = "50000")]
    public int MaxCount { get; set; } = 5000;

    /// <summary>Room that captures leave on the disk.</summary>
    [Setting("Room that uploads leave free on the disk; for one that would not, the oldest captures that are not pinned are removed, and it is answered 507 until there is room.", Minimum = "0", Maximum = "1024TiB")]
    public long MinFreeBytes { get; set; } = 1L << 30;

    /// <summary>Size of one file.</summary>
    [Setting("Largest file of a capture that is taken.", Minimum = "64KiB", Maximum = "64GiB")]
    public long MaxFileBytes { get; set; } = 4L << 30;

    /// <summary>Captures that are not complete.</summary>
    [Setting("Captures that may be on their way at once, and uploads of their files; further captures are answered 503 until one is complete or has expired.", Minimum = "1", Maximum = "10000")]
    public int MaxUploads { get; set; } = 256;

    /// <summary>How long an upload may rest.</summary>
    [Setting("How long an upload, and the files of a capture whose manifest has not come, may rest before they are removed.", Minimum = "1m", Maximum = "30d")]
    public TimeSpan UploadExpiry { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The bucket, where captures go to one.</summary>
    [Setting("An S3-compatible bucket in which captures are kept, in place of the directory; without a name none is used.")]
    public BucketSettings Bucket { get; set; } = new();
}
