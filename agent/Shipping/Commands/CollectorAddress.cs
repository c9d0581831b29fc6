namespace Monitoring.Agent.Shipping.Commands;

/// <summary>Addresses at the collector, beside its metrics.</summary>
internal static class CollectorAddress
{
    private const string MetricsPath = "/v1/metrics";

    /// <summary>The address of a path; an endpoint that is written with the path of metrics is taken without it.</summary>
    internal static Uri Of(Uri endpoint, string path)
    {
        var address = endpoint.ToString().TrimEnd('/');
        return new Uri((address.EndsWith(MetricsPath, StringComparison.Ordinal) ? address[..^MetricsPath.Length] : address) + path);
    }
}
