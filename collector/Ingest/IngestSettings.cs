using Monitoring.Settings;

namespace Monitoring.Collector.Ingest;

/// <summary>Limits of what a sender may push.</summary>
internal sealed class IngestSettings
{
    /// <summary>Body as it comes over the wire.</summary>
    [Setting("Largest body of a push as it comes over the wire.", Minimum = "1KiB", Maximum = "256MiB")]
    public int MaxCompressedBytes { get; set; } = 8 << 20;

    /// <summary>Body after unpacking.</summary>
    [Setting("Largest body of a push after unpacking; a gzip bomb ends here.", Minimum = "1KiB", Maximum = "1GiB")]
    public int MaxDecompressedBytes { get; set; } = 64 << 20;

    /// <summary>Points of a push.</summary>
    [Setting("Points that one push may hold; a histogram is one.", Minimum = "1", Maximum = "10000000")]
    public int MaxPointsPerPush { get; set; } = 200_000;

    /// <summary>Pushes worked on at once.</summary>
    [Setting("Pushes that are unpacked and stored at the same time; it bounds the memory for bodies.", Minimum = "1", Maximum = "1024")]
    public int MaxConcurrentPushes { get; set; } = 16;

    /// <summary>Pushes waiting for their turn.</summary>
    [Setting("Pushes that may wait for their turn; further ones are answered 429.", Minimum = "0", Maximum = "100000")]
    public int MaxQueuedPushes { get; set; } = 1024;

    /// <summary>TCP connections.</summary>
    [Setting("Connections that may be open at once, scrapes included.", Minimum = "10", Maximum = "100000")]
    public int MaxConnections { get; set; } = 8192;
}
