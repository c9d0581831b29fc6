namespace Monitoring.Agent.Capture;

/// <summary>What shipping needs of the captures: the bundles that the collector does not have yet.</summary>
internal interface ICaptureOutbox
{
    /// <summary>Bundles that wait for the collector, oldest first; none where the agent has no collector.</summary>
    IReadOnlyList<FinishedBundle> Waiting();

    /// <summary>Ends when a bundle waits.</summary>
    Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a bundle from being removed for room while it is read; null where it is gone.</summary>
    IDisposable? Hold(string id);

    /// <summary>Says how far the upload is, 0 to 1.</summary>
    void Report(string id, double fraction);

    /// <summary>The collector has the whole bundle and said so: it is done, and the node's copy goes unless it is to be kept.</summary>
    void Taken(string id);

    /// <summary>The collector refused the bundle for good; it stays on the node, and is not offered again.</summary>
    void Refused(string id, string why);
}

/// <summary>A complete bundle.</summary>
/// <param name="Id">The capture.</param>
/// <param name="Directory">Where its files are, the manifest among them.</param>
/// <param name="SizeBytes">Bytes of all files.</param>
/// <param name="FinishedAt">When it was complete.</param>
internal sealed record FinishedBundle(string Id, string Directory, long SizeBytes, DateTimeOffset FinishedAt);
