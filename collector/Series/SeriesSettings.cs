using Monitoring.Settings;

namespace Monitoring.Collector.Series;

/// <summary>Limits and times of the series store.</summary>
internal sealed class SeriesSettings
{
    /// <summary>Nodes that may be known at once.</summary>
    [Setting("Nodes that may be known at once; points of further ones are refused.", Minimum = "1", Maximum = "100000")]
    public int MaxNodes { get; set; } = 2000;

    /// <summary>Senders per node.</summary>
    [Setting("Sources (resource and scope) that may report one node at once.", Minimum = "1", Maximum = "10000")]
    public int MaxSourcesPerNode { get; set; } = 100;

    /// <summary>Series per node.</summary>
    [Setting("Series that one node may have at once; further ones are refused.", Minimum = "1", Maximum = "1000000")]
    public int MaxSeriesPerNode { get; set; } = 20000;

    /// <summary>Attributes per point.</summary>
    [Setting("Attributes that one point may carry.", Minimum = "1", Maximum = "256")]
    public int MaxAttributesPerPoint { get; set; } = 48;

    /// <summary>Length of names.</summary>
    [Setting("Longest name of a metric or label, in characters.", Minimum = "16", Maximum = "4096")]
    public int MaxLabelNameLength { get; set; } = 256;

    /// <summary>Length of label values.</summary>
    [Setting("Longest label value, in characters.", Minimum = "16", Maximum = "65536")]
    public int MaxLabelValueLength { get; set; } = 1024;

    /// <summary>The interval assumed of senders that do not state theirs.</summary>
    [Setting("Push interval assumed of a sender that does not state its own, until enough pushes were seen to know it.", Minimum = "100ms", Maximum = "1h")]
    public TimeSpan DefaultPushInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many pushes a source may miss.</summary>
    [Setting("Pushes in a row that a source may miss before its series vanish.", Minimum = "1", Maximum = "100")]
    public int MissedPushes { get; set; } = 3;

    /// <summary>How far ahead a node's clock may be.</summary>
    [Setting("How far in the future a point's time may lie; later ones are set to now and counted.", Minimum = "0s", Maximum = "1h")]
    public TimeSpan FutureTolerance { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a silent node stays known.</summary>
    [Setting("How long a node stays in the target list after its last push, so that alerts on up == 0 can fire.", Minimum = "1m", Maximum = "7d")]
    public TimeSpan NodeRetention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The cluster of senders that name none.</summary>
    [Setting("Value of label cluster for senders that name none; empty leaves the label off.")]
    public string DefaultCluster { get; set; } = "";
}
