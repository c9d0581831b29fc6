namespace Monitoring.Contracts.Captures;

/// <summary>
/// What a manifest may have: the node keeps to it, since the collector refuses a bundle with more for good. Limits may be raised, first at the
/// collector, and never lowered.
/// </summary>
public static class ManifestLimits
{
    /// <summary>Largest manifest, bytes of JSON: some hundred processes with their command lines.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>Files of a bundle besides the manifest: the counters of every GPU and MIG instance of a large node, the traces of 64 processes, and some more.</summary>
    public const int MostFiles = 192;

    /// <summary>GPUs of a bundle.</summary>
    public const int MostGpus = 64;

    /// <summary>Profilers that were begun or looked at.</summary>
    public const int MostRuns = 16;

    /// <summary>Longest text: the words of the result and of each profiler, and the reason.</summary>
    public const int MostTextCharacters = 4096;

    /// <summary>Processes that are kept in memory for each capture, without command lines and environments.</summary>
    public const int MostProcessesInMemory = 64;

    /// <summary>Most of what is kept in memory for each capture, bytes of JSON.</summary>
    public const int MostMemoryBytes = 64 << 10;

    /// <summary>The manifest without what only a reader of the whole file needs: command lines and environments.</summary>
    public static CaptureManifest ForMemory(CaptureManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return manifest with { Processes = [.. manifest.Processes.Take(MostProcessesInMemory).Select(static process => process with { CommandLine = null, Environment = null })] };
    }
}
