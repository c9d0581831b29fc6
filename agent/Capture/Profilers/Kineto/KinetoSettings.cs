using Monitoring.Agent.Devices.Sockets;
using Monitoring.Settings;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>Asking running PyTorch processes for a profile.</summary>
[SettingsSection("Profiles of running PyTorch processes by the on-demand protocol of PyTorch's profiler. PyTorch 2.10 and later only; read docs/kineto.md before switching it on.")]
public sealed class KinetoSettings : ICheckSettings
{
    // Room that a client's name takes behind the folder: /dynoconfigclient and a UUID.
    private const int LongestClientName = 17 + 36;

    [Setting("Answers PyTorch processes that were started with KINETO_USE_DAEMON=1. Off, since an older PyTorch than 2.10 may abort at its start when somebody answers.")]
    public bool Enabled { get; set; }

    [Setting("Folder for the socket, for jobs in pods without the host's network: mounted at the same path in the agent and the job, and named in the job's KINETO_IPC_SOCKET_DIR. Empty takes the abstract name that jobs on the host use.")]
    public string SocketDirectory { get; set; } = "";

    [Setting("Also asks processes whose PyTorch version cannot be found out. An older one than 2.10 is never asked.")]
    public bool AllowUnknownVersion { get; set; }

    [Setting("How long a process may take to write its trace once recording is over.", Minimum = "1s", Maximum = "10m")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(60);

    [Setting("Size of one process's trace as it wrote it; larger ones are removed and not taken.", Minimum = "1MiB", Maximum = "16GiB")]
    public long MaximumTraceBytes { get; set; } = 512 << 20;

    [Setting("TCP port on this machine where dynolog takes requests; used where dynolog, not the agent, has the socket.", Minimum = "1", Maximum = "65535")]
    public int DynologPort { get; set; } = 1778;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (SocketDirectory.Length > 0 && !IsFolder(SocketDirectory))
            yield return ("socket_directory", $"a full path without '..' and without '/' at its end, at most {DatagramAddress.LongestName - 1 - LongestClientName} bytes, such as /run/gpu-agent/kineto");
    }

    private static bool IsFolder(string path) =>
        path is ['/', _, ..] && path[^1] != '/' && !path.Contains("//", StringComparison.Ordinal) && !path.Split('/').Any(static part => part is "." or "..")
        && !path.Any(char.IsControl) && System.Text.Encoding.UTF8.GetByteCount(path) + LongestClientName < DatagramAddress.LongestName;
}
