using System.Runtime.CompilerServices;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Captures.Buckets;

/// <summary>
/// Captures in a bucket, each file an object <c>ID/NAME</c>, the manifest last: without it an object is no capture. A bundle is safe on the
/// collector's disk first and is served from there until <see cref="BucketMover"/> has moved it. Manifests and summaries stay on the disk
/// as well, so that the catalogue is whole while the bucket cannot be reached.
/// </summary>
internal sealed class BucketCaptureFiles : ICaptureFiles
{
    private const string IndexFolder = "index";

    private readonly DirectoryCaptureFiles local;
    private readonly CaptureBucket bucket;
    private readonly CaptureTally tally;
    private readonly string index;
    private readonly Lock gate = new(); // guards what is below
    private readonly Dictionary<string, long> waiting = new(StringComparer.Ordinal); // bytes by capture
    private readonly HashSet<string> removed = new(StringComparer.Ordinal); // while they were being moved
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="directory">Where the manifests and summaries of captures in the bucket lie.</param>
    /// <param name="local">Where captures wait.</param>
    /// <exception cref="IOException">The directory cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be made.</exception>
    public BucketCaptureFiles(string directory, DirectoryCaptureFiles local, CaptureBucket bucket, CaptureTally tally)
    {
        this.local = local;
        this.bucket = bucket;
        this.tally = tally;
        index = Path.Combine(directory, IndexFolder);
        PrivateDirectory.Create(index);
        foreach (var bundle in local.List()) waiting.Add(bundle.Id, SizeOf(local.FolderOf(bundle.Id)));
    }

    /// <inheritdoc/>
    public bool IsOnDisk => false;

    /// <inheritdoc/>
    public (int Count, long Bytes) Waiting
    {
        get
        {
            lock (gate) return (waiting.Count, waiting.Values.Sum());
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeptBundle> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var bundle in local.List()) yield return bundle;
        foreach (var folder in new DirectoryInfo(index).EnumerateDirectories())
            if (EventId.IsValid(folder.Name) && !local.Has(folder.Name) && ManifestOf(folder.Name) is { Exists: true } manifest) yield return new KeptBundle(folder.Name, manifest.LastWriteTimeUtc);
        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Take(string id, string directory)
    {
        var bytes = SizeOf(directory);
        local.Take(id, directory);
        lock (gate)
        {
            waiting[id] = bytes;
            arrived.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string id, string name, long offset, long length, CancellationToken cancellationToken) =>
        local.Open(id, name, offset) ?? await AskAsync(() => bucket.OpenAsync($"{id}/{name}", offset, length, cancellationToken));

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string id, string name, long bytesAtMost, CancellationToken cancellationToken)
    {
        if (await local.ReadAsync(id, name, bytesAtMost, cancellationToken) is { } bytes) return bytes;
        if (!IsIndexed(name)) return await AskAsync(() => bucket.ReadAsync($"{id}/{name}", bytesAtMost, cancellationToken));
        var path = Path.Combine(index, id, name);
        return File.Exists(path) && new FileInfo(path).Length <= bytesAtMost ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        bool isWaiting;
        lock (gate) isWaiting = waiting.ContainsKey(id) && removed.Add(id);
        // One that waits may be half in the bucket; the mover takes back what it has put.
        if (!isWaiting) await DeleteAsync(id, cancellationToken);
        local.Remove(id);
        lock (gate) arrived.TrySetResult();
    }

    /// <summary>Deletes what the bucket has of a capture, the manifest first, and what the index says of it.</summary>
    /// <exception cref="CaptureStoreException">It could not be deleted.</exception>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        await bucket.DeleteAsync([$"{id}/{CaptureManifest.FileName}"], cancellationToken);
        var keys = new List<string>();
        await foreach (var one in bucket.ListAsync(id + "/", cancellationToken)) keys.Add(one.Key);
        await bucket.DeleteAsync(keys, cancellationToken);
        if (Directory.Exists(Path.Combine(index, id))) Directory.Delete(Path.Combine(index, id), recursive: true);
        return true;
    });

    /// <summary>Captures that wait for the bucket, in no order; those that were removed meanwhile are to be taken back from it.</summary>
    internal List<(string Id, bool IsRemoved)> Due()
    {
        lock (gate)
        {
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return [.. waiting.Keys.Select(id => (id, removed.Contains(id)))];
        }
    }

    /// <summary>Completes when something came after <see cref="Due"/>.</summary>
    internal Task ArrivedAsync()
    {
        lock (gate) return arrived.Task;
    }

    /// <summary>Moves a capture into the bucket and its copy away; the same again after a sudden end.</summary>
    /// <exception cref="CaptureStoreException">The bucket refused; the copy stays.</exception>
    internal async Task MoveAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(id, cancellationToken);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException && IsRemoved(id))
        {
            return; // in the middle; what the bucket got of it is taken back next
        }
        bool isRemoved;
        lock (gate)
        {
            isRemoved = removed.Contains(id);
            if (!isRemoved) waiting.Remove(id);
        }
        if (!isRemoved) local.Remove(id);
    }

    /// <summary>A removed capture is gone from the bucket too.</summary>
    internal void TookBack(string id)
    {
        lock (gate)
        {
            removed.Remove(id);
            waiting.Remove(id);
        }
    }

    /// <summary>Makes the index of what the bucket has: adds captures that it lacks, and removes what is of none.</summary>
    /// <returns>Captures that were added, and those that are gone.</returns>
    /// <exception cref="CaptureStoreException">The bucket cannot be asked.</exception>
    internal async Task<(List<KeptBundle> Added, List<string> Gone)> CompareAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var one in bucket.ListAsync("", cancellationToken))
        {
            if (one.Key.Split('/') is not [var id, var name] || !EventId.IsValid(id)) continue;
            ids.Add(id);
            if (name == CaptureManifest.FileName) found[id] = one.ModifiedAt;
        }
        var added = new List<KeptBundle>();
        foreach (var (id, at) in found)
        {
            if (local.Has(id) || ManifestOf(id).Exists || await bucket.ReadAsync($"{id}/{CaptureManifest.FileName}", BundleManifest.MostBytes, cancellationToken) is not { } manifest) continue;
            var aside = Path.Combine(index, id);
            PrivateDirectory.Create(aside);
            if (await bucket.ReadAsync($"{id}/{CaptureManifest.SummaryFileName}", BundleManifest.MostSummaryBytes, cancellationToken) is { } summary)
                DurableFile.Replace(Path.Combine(aside, CaptureManifest.SummaryFileName), summary);
            DurableFile.Replace(Path.Combine(aside, CaptureManifest.FileName), manifest);
            File.SetLastWriteTimeUtc(Path.Combine(aside, CaptureManifest.FileName), at.UtcDateTime);
            added.Add(new KeptBundle(id, at));
        }
        // Half a capture, of a move that was never finished and whose copy is gone, or half removed.
        foreach (var id in ids.Where(id => !found.ContainsKey(id) && !local.Has(id))) await DeleteAsync(id, cancellationToken);
        var gone = Directory.GetDirectories(index).Select(static folder => Path.GetFileName(folder)).Where(id => !found.ContainsKey(id) && !local.Has(id)).ToList();
        foreach (var id in gone) Directory.Delete(Path.Combine(index, id), recursive: true);
        return (added, gone);
    }

    private async Task PutAsync(string id, CancellationToken cancellationToken)
    {
        var folder = local.FolderOf(id);
        foreach (var path in Directory.GetFiles(folder).Where(static path => Path.GetFileName(path) != CaptureManifest.FileName))
            await bucket.PutAsync($"{id}/{Path.GetFileName(path)}", path, cancellationToken);
        await bucket.PutAsync($"{id}/{CaptureManifest.FileName}", Path.Combine(folder, CaptureManifest.FileName), cancellationToken);
        var aside = Path.Combine(index, id);
        PrivateDirectory.Create(aside);
        foreach (var name in (string[])[CaptureManifest.SummaryFileName, CaptureManifest.FileName]) Keep(Path.Combine(folder, name), Path.Combine(aside, name));
        DurableFile.FlushDirectory(index);
    }

    private bool IsRemoved(string id)
    {
        lock (gate) return removed.Contains(id);
    }

    private static bool IsIndexed(string name) => name is CaptureManifest.FileName or CaptureManifest.SummaryFileName;

    private static void Keep(string from, string to)
    {
        if (!File.Exists(from) || new FileInfo(from).Length > BundleManifest.MostSummaryBytes) return;
        DurableFile.Replace(to, File.ReadAllBytes(from));
        File.SetLastWriteTimeUtc(to, File.GetLastWriteTimeUtc(from));
    }

    private FileInfo ManifestOf(string id) => new(Path.Combine(index, id, CaptureManifest.FileName));

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(static file => file.Length);

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (CaptureStoreException fault)
        {
            tally.Fail(fault.Reason);
            throw;
        }
    }
}
