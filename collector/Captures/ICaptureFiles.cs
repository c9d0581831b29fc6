namespace Monitoring.Collector.Captures;

/// <summary>Where the files of complete captures are kept.</summary>
internal interface ICaptureFiles
{
    /// <summary>True where a capture that is removed gives its room back to the collector's disk.</summary>
    bool IsOnDisk { get; }

    /// <summary>Captures that are safe on the collector's disk and not yet where they are to be kept, and their size.</summary>
    (int Count, long Bytes) Waiting { get; }

    /// <summary>Every capture that is kept, those on their way included.</summary>
    /// <exception cref="CaptureStoreException">The store cannot be asked.</exception>
    IAsyncEnumerable<KeptBundle> ListAsync(CancellationToken cancellationToken);

    /// <summary>Takes over a complete bundle; it is safe when the call returns, and the directory is gone.</summary>
    /// <param name="id">The capture.</param>
    /// <param name="directory">The bundle, on disk, on the file system of captures.</param>
    /// <exception cref="IOException">It was not taken.</exception>
    void Take(string id, string directory);

    /// <summary>A part of a file, read as it is asked for; null where there is no such file.</summary>
    /// <exception cref="CaptureStoreException">The store cannot be asked.</exception>
    Task<Stream?> OpenAsync(string id, string name, long offset, long length, CancellationToken cancellationToken);

    /// <summary>The whole of a small file such as the manifest; null where there is none or it is over the limit.</summary>
    /// <exception cref="CaptureStoreException">The store cannot be asked.</exception>
    Task<byte[]?> ReadAsync(string id, string name, long bytesAtMost, CancellationToken cancellationToken);

    /// <summary>Removes a capture, whole or not at all to those who list; one that is not there is no fault.</summary>
    /// <exception cref="CaptureStoreException">It could not be removed.</exception>
    Task RemoveAsync(string id, CancellationToken cancellationToken);
}

/// <summary>A bundle that is kept.</summary>
/// <param name="Id">The capture.</param>
/// <param name="KeptAt">When its manifest came.</param>
internal readonly record struct KeptBundle(string Id, DateTimeOffset KeptAt);

/// <summary>A store of captures cannot do what it was asked; the message says why and what helps.</summary>
/// <param name="reason">Value of the label <c>reason</c>.</param>
internal sealed class CaptureStoreException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason => reason;
}
