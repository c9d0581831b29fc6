using System.Security.Cryptography;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>Complete files of captures whose manifest has not come, a folder for each capture.</summary>
internal sealed class CaptureStaging
{
    private readonly string directory;
    private readonly TimeProvider time;
    private readonly Lock gate = new(); // guards hashes
    private readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal); // by path, of files that were hashed in this life

    /// <summary>Opens the directory, which is made where it does not exist.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public CaptureStaging(string directory, TimeProvider time)
    {
        this.directory = directory;
        this.time = time;
        PrivateDirectory.Create(directory);
    }

    /// <summary>The captures, and the bytes of the files of each.</summary>
    public Dictionary<string, long> Sizes => new DirectoryInfo(directory).GetDirectories().ToDictionary(static folder => folder.Name, SizeOf, StringComparer.Ordinal);

    /// <summary>Where the files of a capture are.</summary>
    public string FolderOf(string capture) => Path.Combine(directory, capture);

    /// <summary>True where the file is here as it must be.</summary>
    public async Task<bool> HasAsync(string capture, string name, string sha256, CancellationToken cancellationToken) =>
        File.Exists(PathOf(capture, name)) && await HashAsync(PathOf(capture, name), cancellationToken) == sha256;

    /// <summary>Takes a complete upload, whose hash was found right, in place of what was here of that name. The caller holds the upload's lock.</summary>
    /// <exception cref="IOException">It was not taken.</exception>
    public void Take(Upload upload, UploadStore uploads)
    {
        var folder = FolderOf(upload.Metadata.Capture);
        if (!Directory.Exists(folder))
        {
            PrivateDirectory.Create(folder);
            DurableFile.FlushDirectory(directory);
        }
        var path = PathOf(upload.Metadata.Capture, upload.Metadata.Name);
        uploads.MoveTo(upload, path);
        lock (gate) hashes[path] = upload.Metadata.Sha256;
        Directory.SetLastWriteTimeUtc(folder, time.GetUtcNow().UtcDateTime);
    }

    /// <summary>Files of the manifest that are not here, or not as it says; those that are wrong are removed.</summary>
    public async Task<List<string>> MissingAsync(CaptureManifest manifest, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var file in manifest.Files)
        {
            var path = PathOf(manifest.Request.Id, file.Name);
            if (File.Exists(path) && new FileInfo(path).Length == file.SizeBytes && await HashAsync(path, cancellationToken) == file.Sha256) continue;
            missing.Add(file.Name);
            Forget(path);
            if (File.Exists(path)) File.Delete(path);
        }
        return missing;
    }

    /// <summary>Removes what is in the folder of a capture and not in its manifest.</summary>
    public void RemoveOthers(CaptureManifest manifest)
    {
        var names = manifest.Files.Select(static file => file.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.Exists(FolderOf(manifest.Request.Id)) ? Directory.GetFiles(FolderOf(manifest.Request.Id)) : [])
            if (!names.Contains(Path.GetFileName(path))) File.Delete(path);
    }

    /// <summary>The capture's folder was handed over or is of no use any more.</summary>
    public void Remove(string capture)
    {
        var folder = FolderOf(capture);
        lock (gate)
            foreach (var path in hashes.Keys.Where(path => Path.GetDirectoryName(path) == folder).ToList()) hashes.Remove(path);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Captures to which nothing has come for so long.</summary>
    public List<string> Resting(TimeSpan age)
    {
        var last = time.GetUtcNow() - age;
        return [.. new DirectoryInfo(directory).EnumerateDirectories().Where(folder => folder.LastWriteTimeUtc < last.UtcDateTime && EventId.IsValid(folder.Name)).Select(static folder => folder.Name)];
    }

    /// <summary>The SHA-256 of a file's bytes.</summary>
    public static async Task<string> HashOfAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        lock (gate)
            if (hashes.TryGetValue(path, out var known)) return known;
        // After a restart what is on disk is asked, not what once was said of it.
        var hash = await HashOfAsync(path, cancellationToken);
        lock (gate) hashes[path] = hash;
        return hash;
    }

    private void Forget(string path)
    {
        lock (gate) hashes.Remove(path);
    }

    private static long SizeOf(DirectoryInfo folder)
    {
        try
        {
            return folder.EnumerateFiles().Sum(static file => file.Length);
        }
        catch (Exception fault) when (fault is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0; // became a bundle a moment ago
        }
    }

    private string PathOf(string capture, string name) => Path.Combine(FolderOf(capture), name);
}
