using Monitoring.Settings;

namespace Monitoring.Collector.Exposition;

/// <summary>How Prometheus finds its targets through the collector.</summary>
internal sealed class DiscoverySettings
{
    /// <summary>The collector's own address in the target list.</summary>
    [Setting("host:port under which Prometheus reaches this collector, for the target list; empty takes the Host header of the request for the list.")]
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>When an empty list becomes believable.</summary>
    [Setting("How long after its start the collector withholds an empty list (503): two push intervals, so that a restart does not remove every target.", Minimum = "0s", Maximum = "1h")]
    public TimeSpan WarmUp { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a first list, which may be partial, is held back.</summary>
    [Setting("How long after its start the collector withholds any list (503): one push interval, so that a restart does not remove the nodes that have not pushed again yet.", Minimum = "0s", Maximum = "1h")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(10);
}
