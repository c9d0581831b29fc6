namespace Monitoring.Agent.Capture.Profilers;

/// <summary>
/// What is free where a profiler is about to write. A full directory for temporary files crashes the profiled program itself, so that this is
/// asked before and while recording.
/// </summary>
internal static class FreeSpace
{
    /// <summary>Free bytes on the disk of a directory; null where that cannot be told.</summary>
    internal static long? At(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Why nothing may be written there, one line; null where enough is free.</summary>
    internal static string? TooLittle(long floorBytes, params ReadOnlySpan<string> directories)
    {
        foreach (var directory in directories)
        {
            if (At(directory) is { } free && free < floorBytes) return Words(directory, free, floorBytes);
        }
        return null;
    }

    internal static string Words(string directory, long free, long floorBytes) =>
        $"{free >> 20} MiB are free at {directory}, less than {floorBytes >> 20} MiB: make room, or lower capture.nsys.free_space_floor_bytes";
}
