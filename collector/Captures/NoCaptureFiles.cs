namespace Monitoring.Collector.Captures;

/// <summary>Where there is no directory for captures: none is kept, and uploads are refused before they come here.</summary>
internal sealed class NoCaptureFiles : ICaptureFiles
{
    /// <inheritdoc/>
    public bool IsOnDisk => false;

    /// <inheritdoc/>
    public (int Count, long Bytes) Waiting => default;

    /// <inheritdoc/>
    public IAsyncEnumerable<KeptBundle> ListAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<KeptBundle>();

    /// <inheritdoc/>
    public void Take(string id, string directory) => throw new IOException("there is no directory for captures");

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string id, string name, long offset, long length, CancellationToken cancellationToken) => Task.FromResult<Stream?>(null);

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string id, string name, long bytesAtMost, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    /// <inheritdoc/>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;
}
