using System.Net;
using Monitoring.Collector.Exposition;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Series;
using Monitoring.Settings;
using Serilog.Events;

namespace Monitoring.Collector;

/// <summary>Everything that can be set of the collector.</summary>
internal sealed class CollectorSettings : ICheckSettings
{
    /// <summary>Where it listens.</summary>
    [Setting("Address and port to listen on. Pushes carry no password: beyond loopback, listen only on a network that you trust.")]
    public string Listen { get; set; } = "127.0.0.1:9461";

    /// <summary>What is logged.</summary>
    [Setting("Least level of what is logged.")]
    public LogEventLevel LogLevel { get; set; } = LogEventLevel.Information;

    /// <summary>What senders may push.</summary>
    [Setting("Limits of what a sender may push.")]
    public IngestSettings Ingest { get; set; } = new();

    /// <summary>What is kept, and for how long.</summary>
    [Setting("Limits and times of the series that are kept.")]
    public SeriesSettings Series { get; set; } = new();

    /// <summary>How Prometheus finds its targets.</summary>
    [Setting("How Prometheus finds its targets through the collector.")]
    public DiscoverySettings Discovery { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (!TryParseEndPoint(Listen, out _)) yield return ("listen", "an IP address and a port, such as 127.0.0.1:9461, 0.0.0.0:9461 or [::]:9461");
        if (Discovery.AdvertisedAddress.Length > 0 && !IsHostAndPort(Discovery.AdvertisedAddress))
            yield return ("discovery.advertised_address", "host:port, such as collector.example:9461");
        if (Ingest.MaxDecompressedBytes < Ingest.MaxCompressedBytes)
            yield return ("ingest.max_decompressed_bytes", $"at least ingest.max_compressed_bytes ({Ingest.MaxCompressedBytes})");
    }

    /// <summary>The address to listen on.</summary>
    public IPEndPoint ListenEndPoint => TryParseEndPoint(Listen, out var endPoint) ? endPoint : throw new InvalidOperationException($"listen is '{Listen}', which Check refuses.");

    private static bool TryParseEndPoint(string text, out IPEndPoint endPoint)
    {
        // Without a colon the parser takes the whole text for an address and the port for 0.
        var isParsed = IPEndPoint.TryParse(text, out var parsed) && text.EndsWith($":{parsed.Port}", StringComparison.Ordinal);
        endPoint = isParsed && parsed is not null ? parsed : new IPEndPoint(IPAddress.Loopback, 0);
        return isParsed;
    }

    private static bool IsHostAndPort(string text)
        => Uri.TryCreate("http://" + text, UriKind.Absolute, out var uri) && uri.PathAndQuery == "/" && text.EndsWith($":{uri.Port}", StringComparison.Ordinal);
}
