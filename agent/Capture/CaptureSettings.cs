using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Settings;

namespace Monitoring.Agent.Capture;

/// <summary>What captures may cost the node.</summary>
[SettingsSection("Captures: profiles and full-rate counters of a moment, taken when a rule fires or somebody asks. They are kept below the state directory.")]
public sealed class CaptureSettings : ICheckSettings
{
    [Setting("Take captures. They need a state directory.")]
    public bool Enabled { get; set; } = true;

    [Setting("Longest recording. Nsight Systems supports no more than 5 minutes, and a minute of a busy GPU is a report of hundreds of megabytes.", Minimum = "1s", Maximum = "1m")]
    public TimeSpan MaximumDuration { get; set; } = TimeSpan.FromMinutes(1);

    [Setting("How long to record where nobody says.", Minimum = "500ms", Maximum = "1m")]
    public TimeSpan DefaultDuration { get; set; } = TimeSpan.FromSeconds(5);

    [Setting("Captures that may wait; one is taken at a time.", Minimum = "1", Maximum = "100")]
    public int QueueLength { get; set; } = 8;

    [Setting("Captures in an hour that rules, alerts and schedules get. Persons are not held to it.", Minimum = "0", Maximum = "1000")]
    public int CapturesPerHour { get; set; } = 12;

    [Setting("Least time between two captures of one rule or alert on one GPU. Persons and schedules are not held to it.", Minimum = "0s", Maximum = "7d")]
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromMinutes(10);

    [Setting("Full-rate counters from before the recording; what sampling.flight_recorder kept is the limit.", Minimum = "0s", Maximum = "1h")]
    public TimeSpan CountersBefore { get; set; } = TimeSpan.FromMinutes(2);

    [Setting("Full-rate counters from after the recording; the bundle waits for them.", Minimum = "0s", Maximum = "5m")]
    public TimeSpan CountersAfter { get; set; } = TimeSpan.FromSeconds(5);

    [Setting("Bytes of all bundles on this node; the oldest that are not pinned are removed first, those that the collector has before others.", Minimum = "16MiB", Maximum = "10TiB")]
    public long MaximumTotalBytes { get; set; } = 4L << 30;

    [Setting("Bytes of one bundle; recording ends when its files reach them, and no larger file is taken over from a job.", Minimum = "4MiB", Maximum = "100GiB")]
    public long MaximumBundleBytes { get; set; } = 512L << 20;

    [Setting("Bytes that must stay free on the disk, before and during a capture. A full disk can crash a program that is profiled.", Minimum = "0", Maximum = "10TiB")]
    public long FreeSpaceFloorBytes { get; set; } = 2L << 30;

    [Setting("A recording is ended early when the workload's power, utilisation, tensor or SM activity falls by more than this share; 1 never ends one.", Minimum = "0.05", Maximum = "1")]
    public double AbortDropRatio { get; set; } = 0.5;

    [Setting("How long the fall must last before the recording is ended.", Minimum = "500ms", Maximum = "1m")]
    public TimeSpan AbortAfter { get; set; } = TimeSpan.FromSeconds(3);

    [Setting("Keep bundles that the collector has, as far as there is room.")]
    public bool KeepUploaded { get; set; }

    [Setting("What becomes of captures that rules ask for while a collector is set and does not answer, so that nobody knows the cluster's budget.")]
    public BudgetUnknown WithoutCollector { get; set; } = BudgetUnknown.Allow;

    [Setting("Path or name of dcgmi, to pause DCGM's profiling on GPUs before Hopper while a profiler needs their performance counters. Empty never pauses it.")]
    public string DcgmiPath { get; set; } = "dcgmi";

    [Setting("Take requests for captures at the agent's own port from other machines too; anyone who reaches the port may then ask.")]
    public bool RemoteRequests { get; set; }

    [Setting("Folder in which people's gpu-run --kernels leaves reports of Nsight Compute for the agent, made by it and open to every user for writing, such as /var/lib/gpu-agent-incoming. Empty takes none.")]
    public string IncomingDirectory { get; set; } = "";

    public NsysSettings Nsys { get; } = new();

    public KinetoSettings Kineto { get; } = new();

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (DefaultDuration > MaximumDuration) yield return ("default_duration", "at most capture.maximum_duration");
        if (IncomingDirectory.Length > 0 && !Path.IsPathFullyQualified(IncomingDirectory)) yield return ("incoming_directory", "a full path, such as /var/lib/gpu-agent-incoming");
        if (MaximumBundleBytes > MaximumTotalBytes) yield return ("maximum_bundle_bytes", "at most capture.maximum_total_bytes");
    }
}

/// <summary>What an unknown budget of the cluster means.</summary>
public enum BudgetUnknown
{
    /// <summary>The node's own limits alone hold.</summary>
    Allow,

    /// <summary>No capture is taken for a rule.</summary>
    Refuse,
}
