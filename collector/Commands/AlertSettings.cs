using Monitoring.Settings;

namespace Monitoring.Collector.Commands;

/// <summary>Which alerts lead to captures, and of what.</summary>
internal sealed class AlertSettings
{
    /// <summary>Every alert.</summary>
    [Setting("True to capture for every firing alert that is sent; false for those alone whose label or annotation capture is \"true\".")]
    public bool CaptureAll { get; set; }

    /// <summary>Labels that name the node.</summary>
    [Setting("Labels that name the node, the first that an alert has counts; a port behind the name is left off.")]
    public List<string> NodeLabels { get; set; } = ["node", "nodename", "hostname", "Hostname", "instance"];

    /// <summary>Labels that name the GPU.</summary>
    [Setting("Labels that hold the index of the GPU on its node; an alert with none of them is of the whole node.")]
    public List<string> GpuLabels { get; set; } = ["gpu", "gpu_index", "index"];

    /// <summary>Labels that hold its UUID.</summary>
    [Setting("Labels that hold the UUID of the GPU; they go before those of the index.")]
    public List<string> UuidLabels { get; set; } = ["uuid", "UUID", "gpu_uuid"];

    /// <summary>How long to record.</summary>
    [Setting("How long to record for an alert; its annotation capture_duration, such as 10s, goes before it.", Minimum = "1s", Maximum = "1h")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Which profilers.</summary>
    [Setting("Profilers for an alert in order of preference; none leaves the choice to the node.")]
    public List<string> Profilers { get; set; } = [];

    /// <summary>Size of a message.</summary>
    [Setting("Largest message that is taken.", Minimum = "1KiB", Maximum = "64MiB")]
    public int MaxBodyBytes { get; set; } = 4 << 20;
}
