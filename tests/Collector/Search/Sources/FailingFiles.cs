using System.Collections.Concurrent;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Collector.Captures;

namespace Monitoring.Tests.Collector.Search.Sources;

/// <summary>Bundles of which some cannot be read until they are mended.</summary>
internal sealed class FailingFiles : ICaptureFiles
{
    private readonly ConcurrentDictionary<string, byte[]> manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Exception> faults = new(StringComparer.Ordinal);
    private int asked;

    public bool IsOnDisk => true;

    public (int Count, long Bytes) Waiting => default;

    /// <summary>How often a manifest was asked for.</summary>
    internal int Asked => Volatile.Read(ref asked);

    public IAsyncEnumerable<KeptBundle> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Take(string id, string directory) => throw new NotSupportedException();

    public Task<Stream?> OpenAsync(string id, string name, long offset, long length, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<byte[]?> ReadAsync(string id, string name, long bytesAtMost, CancellationToken cancellationToken)
    {
        if (name != CaptureManifest.FileName) return Task.FromResult<byte[]?>(null);
        Interlocked.Increment(ref asked);
        return faults.TryGetValue(id, out var fault) ? Task.FromException<byte[]?>(fault) : Task.FromResult<byte[]?>(manifests[id]);
    }

    public Task RemoveAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    internal void Add(SomeCapture capture) => manifests[capture.Id] = capture.ManifestJson;

    internal void Fail(string id, Exception fault) => faults[id] = fault;

    internal void Mend() => faults.Clear();
}
