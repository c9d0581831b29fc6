using Monitoring.Segments;

namespace Monitoring.Collector.Storage;

/// <summary>Opens the place where records lie.</summary>
internal static class RecordStorage
{
    /// <summary>The log in a folder of the state directory, or in memory where there is none.</summary>
    /// <param name="stateDirectory">The state directory; empty for none.</param>
    /// <param name="folder">Name of the folder.</param>
    /// <param name="options">Limits on disk.</param>
    /// <param name="memoryBytes">Room in memory.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be used.</exception>
    public static IRecordLog Open(string stateDirectory, string folder, SegmentLogOptions options, long memoryBytes, TimeProvider time) =>
        stateDirectory.Length == 0 ? new MemoryRecordLog(memoryBytes) : SegmentLog.Open(Path.Combine(stateDirectory, folder), options, time);
}
