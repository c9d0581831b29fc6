namespace Monitoring.Agent.Capture.Profilers;

/// <summary>
/// A file that was recorded into the scratch directory and is moved into the bundle. The agent may end after any such move, while what it noted
/// still names the scratch directory: the next one finds the file where it lies, also where the state directory has another place by then.
/// </summary>
internal static class RecordedFile
{
    /// <summary>Where a file lies, in the scratch directory or, where it was moved before, in the bundle; null where it is in neither.</summary>
    /// <param name="raw">Where it was recorded.</param>
    internal static string? Find(ProfilerTask task, string raw) =>
        Array.Find([raw, Path.Combine(task.ScratchDirectory, Path.GetFileName(raw)), Kept(task, raw)], File.Exists);

    /// <summary>Moves a file into the bundle, where it is not there yet; gives its path there.</summary>
    internal static string Keep(ProfilerTask task, string raw)
    {
        var kept = Kept(task, raw);
        if (Find(task, raw) is { } path && path != kept) File.Move(path, kept, overwrite: true);
        return kept;
    }

    private static string Kept(ProfilerTask task, string raw) => Path.Combine(task.BundleDirectory, Path.GetFileName(raw));
}
