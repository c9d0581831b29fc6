using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers;

/// <summary>
/// What a capture may take over of files that lie with a job: its user decides how large those are, so that neither a bundle nor the agent's
/// disk may depend on it.
/// </summary>
/// <param name="freeBytes">Free bytes of the file system of a path; null where it does not say.</param>
internal sealed class CopyRoom(CaptureSettings settings, Func<string, long?> freeBytes)
{
    /// <summary>The lesser of what a bundle may still have and what the disk has above its floor.</summary>
    /// <param name="directory">Where the copy goes.</param>
    /// <param name="takenBytes">What the capture took over before.</param>
    internal CopyLimit In(string directory, long takenBytes)
    {
        var ofBundle = settings.MaximumBundleBytes - takenBytes;
        if (freeBytes(directory) is { } free && free - settings.FreeSpaceFloorBytes < ofBundle) return new CopyLimit(free - settings.FreeSpaceFloorBytes, Words(directory, free));
        var taken = takenBytes > 0 ? string.Create(CultureInfo.InvariantCulture, $" and has {takenBytes >> 20} MiB already") : "";
        return new CopyLimit(ofBundle, string.Create(CultureInfo.InvariantCulture, $"a bundle may have {settings.MaximumBundleBytes >> 20} MiB{taken} (capture.maximum_bundle_bytes)"));
    }

    /// <summary>Why a job is not made to write where so much is free, one line; null where it may be.</summary>
    /// <param name="directory">Where the job writes, as it calls it.</param>
    /// <param name="free">Bytes; null where that cannot be told, which hinders nothing.</param>
    internal string? TooLittle(string directory, long? free) => free < settings.FreeSpaceFloorBytes ? Words(directory, free.Value) : null;

    private string Words(string directory, long free) =>
        string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MiB are free at {directory}, {settings.FreeSpaceFloorBytes >> 20} MiB must stay (capture.free_space_floor_bytes)");
}

/// <summary>How much may be copied.</summary>
/// <param name="Bytes">Zero or less where nothing may be.</param>
/// <param name="Words">What limits it, one line.</param>
internal readonly record struct CopyLimit(long Bytes, string Words);
