namespace Monitoring.Collector.Captures.Uploads;

/// <summary>Why an upload is not taken.</summary>
/// <param name="Status">The HTTP status, as tus 1.0 has them.</param>
/// <param name="Reason">Value of the label <c>reason</c>.</param>
/// <param name="Error">What is wrong with which value, and the remedy.</param>
/// <param name="Missing">Files that must be sent, or sent again, before the manifest.</param>
internal sealed record UploadRefusal(int Status, string Reason, string Error, IReadOnlyList<string>? Missing = null)
{
    /// <summary>Checksum mismatch: a status of tus's own.</summary>
    public const int ChecksumMismatch = 460;

    /// <summary>Every reason, so that each counter exists at 0 from the start.</summary>
    public static IReadOnlyList<string> Reasons { get; } =
        ["version", "request", "metadata", "offset", "too_large", "checksum", "locked", "unknown", "gone", "too_many", "disk_floor", "quota", "disk", "incomplete", "manifest", "conflict", "closed"];

    /// <summary>May be tried again without a change.</summary>
    public bool CanRetry => Status is StatusCodes.Status423Locked or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status507InsufficientStorage;

    public static UploadRefusal Locked(string id) =>
        new(StatusCodes.Status423Locked, "locked", $"upload {id} is being written by another request; ask for its offset when that has ended");

    public static UploadRefusal Offset(long given, long expected) =>
        new(StatusCodes.Status409Conflict, "offset", $"Upload-Offset is {given}, expected {expected}");

    public static UploadRefusal TooLong(long length) =>
        new(StatusCodes.Status413PayloadTooLarge, "too_large", $"the body goes beyond the Upload-Length of {length} bytes; nothing of it was taken");

    public static UploadRefusal Disk(string fault) =>
        new(StatusCodes.Status507InsufficientStorage, "disk", $"the disk refuses the upload: {fault}. Free space on the collector, or give captures another directory");
}
