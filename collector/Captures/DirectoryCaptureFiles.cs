using System.Runtime.CompilerServices;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Captures;

/// <summary>
/// Captures in a directory, one folder each. A bundle comes and goes by a rename, so that a sudden end leaves it whole or not there.
/// </summary>
internal sealed class DirectoryCaptureFiles : ICaptureFiles
{
    private const string BundleFolder = "bundles";
    private const string TrashFolder = "trash";

    private readonly string bundles;
    private readonly string trash;
    private readonly TimeProvider time;
    private long trashed;

    /// <summary>Makes the folders and removes what an earlier life was removing.</summary>
    /// <exception cref="IOException">They cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be made.</exception>
    public DirectoryCaptureFiles(string directory, TimeProvider time)
    {
        this.time = time;
        bundles = Path.Combine(directory, BundleFolder);
        trash = Path.Combine(directory, TrashFolder);
        PrivateDirectory.Create(bundles);
        if (Directory.Exists(trash)) Directory.Delete(trash, recursive: true);
        PrivateDirectory.Create(trash);
    }

    /// <inheritdoc/>
    public bool IsOnDisk => true;

    /// <inheritdoc/>
    public (int Count, long Bytes) Waiting => default;

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeptBundle> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var bundle in List()) yield return bundle;
        await Task.CompletedTask;
    }

    /// <summary>Every bundle, at once.</summary>
    public IEnumerable<KeptBundle> List()
    {
        foreach (var folder in Directory.EnumerateDirectories(bundles))
        {
            var manifest = new FileInfo(Path.Combine(folder, CaptureManifest.FileName));
            if (EventId.IsValid(Path.GetFileName(folder)) && manifest.Exists) yield return new KeptBundle(Path.GetFileName(folder), manifest.LastWriteTimeUtc);
        }
    }

    /// <summary>True where a capture is here.</summary>
    public bool Has(string id) => File.Exists(Path.Combine(FolderOf(id), CaptureManifest.FileName));

    /// <summary>Where the files of a capture are.</summary>
    public string FolderOf(string id) => Path.Combine(bundles, id);

    /// <inheritdoc/>
    public void Take(string id, string directory)
    {
        File.SetLastWriteTimeUtc(Path.Combine(directory, CaptureManifest.FileName), time.GetUtcNow().UtcDateTime);
        DurableFile.FlushDirectory(directory);
        DurableFile.Move(directory, FolderOf(id));
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string id, string name, long offset, long length, CancellationToken cancellationToken) => Task.FromResult(Open(id, name, offset));

    /// <summary>A file from an offset on; null where it is not here.</summary>
    public Stream? Open(string id, string name, long offset)
    {
        if (!EventId.IsValid(id) || !UploadMetadata.IsFileName(name)) return null;
        try
        {
            var file = new FileStream(Path.Combine(FolderOf(id), name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            file.Position = offset;
            return file;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string id, string name, long bytesAtMost, CancellationToken cancellationToken)
    {
        using var file = Open(id, name, 0);
        if (file is null || file.Length > bytesAtMost) return null;
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        Remove(id);
        return Task.CompletedTask;
    }

    /// <summary>Removes a capture where it is here.</summary>
    public void Remove(string id)
    {
        if (!EventId.IsValid(id) || !Directory.Exists(FolderOf(id))) return;
        try
        {
            var aside = Path.Combine(trash, $"{id}.{Interlocked.Increment(ref trashed)}");
            DurableFile.Move(FolderOf(id), aside);
            Directory.Delete(aside, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CaptureStoreException("disk", $"capture {id} could not be removed: {fault.Message}", fault);
        }
    }
}
