namespace Monitoring.Elasticsearch.Connection;

/// <summary>A node with what is known of its health.</summary>
/// <param name="address">Its address with a path that ends with a slash.</param>
internal sealed class ClusterNode(Uri address)
{
    internal Uri Address { get; } = address;

    /// <summary>Failures since it last answered.</summary>
    internal int Failures { get; set; }

    /// <summary>Timestamp at which a person was last told that it fails; null for never.</summary>
    internal long? ToldAt { get; set; }

    /// <summary>True when a person was told that it fails, and not yet that it is back.</summary>
    internal bool IsTold { get; set; }

    /// <summary>Timestamp until which others are preferred.</summary>
    internal long RestsUntil { get; set; }
}
