using System.Text.Json;
using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Captures;

/// <summary>Reads the manifests of bundles, which come from outside, within limits.</summary>
internal static class BundleManifest
{
    /// <summary>Largest manifest: some hundred processes with their command lines.</summary>
    public const long MostBytes = ManifestLimits.MostBytes;

    /// <summary>Largest summary that is searched and shown with the capture; a larger one is a file like others.</summary>
    public const long MostSummaryBytes = 4 << 20;

    // A bundle has a dozen files, a node 16 GPUs, a capture 5 profilers; the catalogue keeps all of that in memory.
    private const int MostFiles = ManifestLimits.MostFiles;
    private const int MostGpus = ManifestLimits.MostGpus;
    private const int MostRuns = ManifestLimits.MostRuns;
    private const int MostTextCharacters = ManifestLimits.MostTextCharacters;
    private const int MostMemoryBytes = ManifestLimits.MostMemoryBytes;

    /// <summary>The manifest; or null and what is wrong with it.</summary>
    public static CaptureManifest? Read(ReadOnlySpan<byte> json, out string error)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(json, CaptureJson.Default.CaptureManifest);
            error = manifest is null ? "the manifest is null" : Mistake(manifest);
            return error.Length == 0 ? manifest : null;
        }
        catch (JsonException fault)
        {
            error = $"the manifest cannot be read: {fault.Message}";
            return null;
        }
    }

    /// <summary>The manifest without what only a reader of the whole file needs: command lines and environments.</summary>
    public static CaptureManifest ForMemory(CaptureManifest manifest) => ManifestLimits.ForMemory(manifest);

    /// <summary>Bytes of all files of a bundle, the manifest left out.</summary>
    public static long SizeBytes(CaptureManifest manifest) => manifest.Files.Sum(static file => file.SizeBytes);

    private static string Mistake(CaptureManifest manifest)
    {
        if (manifest.Version != 1) return $"the manifest has version {manifest.Version}, expected 1";
        if (!EventId.IsValid(manifest.Request.Id)) return $"the capture's id is '{Excerpt(manifest.Request.Id)}', expected 32 lower-case hexadecimal digits";
        // The reader holds fields to what may be null, elements of lists it does not.
        if (HasNull(manifest.Files) || HasNull(manifest.Gpus) || HasNull(manifest.Runs) || HasNull(manifest.Processes)) return "an element of files, gpus, runs or processes is null";
        if (manifest.Files.Count > MostFiles) return $"the manifest names {manifest.Files.Count} files, expected at most {MostFiles}";
        if (manifest.Gpus.Count > MostGpus) return $"the manifest names {manifest.Gpus.Count} GPUs, expected at most {MostGpus}";
        if (manifest.Runs.Count > MostRuns) return $"the manifest names {manifest.Runs.Count} profilers, expected at most {MostRuns}";
        if (manifest.Words.Length > MostTextCharacters || manifest.Request.Trigger.Reason.Length > MostTextCharacters || manifest.Runs.Any(static run => run.Words?.Length > MostTextCharacters))
            return $"a text of the manifest has more than {MostTextCharacters} characters";
        var names = new HashSet<string>(StringComparer.Ordinal) { CaptureManifest.FileName };
        foreach (var file in manifest.Files)
        {
            if (!UploadMetadata.IsFileName(file.Name) || !names.Add(file.Name)) return $"the manifest names the file '{Excerpt(file.Name)}', expected a plain name that no other file has";
            if (!UploadMetadata.IsHash(file.Sha256)) return $"sha256 of {file.Name} is '{Excerpt(file.Sha256)}', expected 64 lower-case hexadecimal digits";
            if (file.SizeBytes < 0) return $"size_bytes of {file.Name} is {file.SizeBytes}, expected 0 or more";
        }
        var bytes = JsonSerializer.SerializeToUtf8Bytes(ForMemory(manifest), CaptureJson.Default.CaptureManifest).Length;
        return bytes <= MostMemoryBytes ? "" : $"the manifest without command lines and environments has {bytes} bytes, expected at most {MostMemoryBytes}";
    }

    private static bool HasNull<T>(IEnumerable<T?> list)
        where T : class => list.Any(static one => one is null);

    private static string Excerpt(string? text) => text is { Length: > 100 } ? text[..100] + "..." : text ?? "";
}
