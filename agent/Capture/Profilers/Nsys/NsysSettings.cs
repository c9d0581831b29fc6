using Monitoring.Settings;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>How captures use Nsight Systems.</summary>
[SettingsSection("How captures use Nsight Systems.")]
public sealed class NsysSettings
{
    [Setting("Full path of nsys. Empty looks for it on the PATH, then in /opt/nvidia, /usr/local/cuda* and where Debian puts it, and takes the newest.")]
    public string Path { get; set; } = "";

    [Setting("Free space that must be left where nsys writes: a disk that it fills crashes the programs that it records.", Minimum = "64MiB")]
    public long FreeSpaceFloorBytes { get; set; } = 2L << 30;

    [Setting("Keep reports of an nsys that cannot leave out environments (its help has no --discard-environment): they hold those of the job and of other processes, secrets among them. Without it their summary alone is kept.")]
    public bool EnvironmentsInReports { get; set; } = true;

    [Setting("Record jobs that run as root in containers of fewer rights than the agent. Its calls of their nsys have the agent's rights: who controls such a container can then become root on the node.")]
    public bool RootContainers { get; set; }

    [Setting("How often a second GPU metrics are sampled.", Minimum = "10", Maximum = "200000")]
    public int GpuMetricsHertz { get; set; } = 10_000;
}
