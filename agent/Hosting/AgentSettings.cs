using System.Net;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping;
using Monitoring.Settings;

namespace Monitoring.Agent.Hosting;

/// <summary>Everything that can be configured.</summary>
public sealed class AgentSettings : ICheckSettings
{
    [Setting("Name of this node on every series; empty takes the host name.")]
    public string Node { get; set; } = "";

    [Setting("Name of the cluster on every series.")]
    public string Cluster { get; set; } = "default";

    [Setting("Address and port of /metrics, /healthz and /readyz. Loopback only unless told so: 0.0.0.0:9460 listens everywhere.")]
    public string Listen { get; set; } = "127.0.0.1:9460";

    [Setting("Whose page to serve as well, on compatibility_listen, so that its dashboards and rules keep working: that of dcgm-exporter up to 4.8.2 (dcgm-exporter), of 4.8.3 and 4.8.4 (label hostname), or of 4.9.0 (new names and units).")]
    public Compatibility Compatibility { get; set; }

    [Setting("Address and port of dcgm-exporter's /metrics and /health while compatibility asks for them; another one than listen. 0.0.0.0:9400 listens everywhere.")]
    public string CompatibilityListen { get; set; } = "127.0.0.1:9400";

    [Setting("Address under which Prometheus reaches this agent, told to the collector; empty takes the one listened on.")]
    public string AdvertisedAddress { get; set; } = "";

    [Setting("Directory for what must outlive a restart: the event journal, the counters, and log lines that wait. systemd names it in STATE_DIRECTORY, which an empty setting takes; without either, nothing outlives.")]
    public string StateDirectory { get; set; } = "";

    public AgentLogSettings Log { get; } = new();

    public DeviceSettings Devices { get; } = new();

    public SamplingSettings Sampling { get; } = new();

    public DetectionSettings Detection { get; } = new();

    public JournalSettings Journal { get; } = new();

    public CaptureSettings Capture { get; } = new();

    public CollectorSettings Collector { get; } = new();

    /// <summary>The directory for what must outlive a restart; empty for none.</summary>
    internal string ResolvedStateDirectory => Monitoring.Agent.Journal.StateDirectory.Resolve(StateDirectory, Environment.GetEnvironmentVariable);

    /// <summary>The node's name, taken from the host where it is not set.</summary>
    internal string NodeName => Node.Length > 0 ? Node : Environment.MachineName;

    /// <summary>The address to tell to the collector; empty where it could not reach what is listened on.</summary>
    internal string ReachableAddress
    {
        get
        {
            if (AdvertisedAddress.Length > 0 || ListenEndPoint is not { } end) return AdvertisedAddress;
            if (end.Address.Equals(IPAddress.Any) || end.Address.Equals(IPAddress.IPv6Any)) return $"{NodeName}:{end.Port}";
            // Loopback leads somewhere else on every other machine; it is told only to a collector on this one.
            return IPAddress.IsLoopback(end.Address) && Collector.Endpoint is { IsLoopback: false } ? "" : end.ToString();
        }
    }

    /// <summary>Where to listen; null when it cannot be read, which <see cref="Check"/> reports.</summary>
    internal IPEndPoint? ListenEndPoint => EndPoint(Listen);

    /// <summary>Where to answer as somebody else does; null when nobody's page is asked for, or it cannot be read.</summary>
    internal IPEndPoint? CompatibilityEndPoint => Compatibility == Compatibility.None ? null : EndPoint(CompatibilityListen);

    /// <summary>Where the agent is reached from its own node.</summary>
    internal Uri LocalAddress
    {
        get
        {
            var end = ListenEndPoint ?? throw new InvalidOperationException($"listen: {Listen}");
            var address = end.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : end.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : end.Address;
            return new Uri($"http://{new IPEndPoint(address, end.Port)}/");
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (ListenEndPoint is null) yield return ("listen", "an IP address and a port, such as 127.0.0.1:9460, or 0.0.0.0:9460 for every interface");
        if (EndPoint(CompatibilityListen) is null) yield return ("compatibility_listen", "an IP address and a port, such as 127.0.0.1:9400, or 0.0.0.0:9400 for every interface");
        if (ListenEndPoint is { } own && CompatibilityEndPoint is { } other && Overlap(own, other))
            yield return ("compatibility_listen", $"another port than that of listen, {Listen}, such as 127.0.0.1:9400: each page has a listener of its own");
        if (Cluster.Length is 0 or > 128) yield return ("cluster", "a name of 1 to 128 characters");
        if (Node.Length > 128) yield return ("node", "a name of at most 128 characters");
    }

    private static IPEndPoint? EndPoint(string text) =>
        IPEndPoint.TryParse(text.Replace("localhost:", "127.0.0.1:", StringComparison.Ordinal), out var end) && (end.Port > 0 || text.EndsWith(":0", StringComparison.Ordinal)) ? end : null;

    /// <summary>True where two listeners want the same port of the same interface. The system gives port 0 a free one each time.</summary>
    private static bool Overlap(IPEndPoint one, IPEndPoint other) =>
        one.Port == other.Port && one.Port > 0 && (one.Address.Equals(other.Address) || Covers(one.Address, other.Address) || Covers(other.Address, one.Address));

    /// <summary>True where an address stands for every interface, the other's among them; that of IPv6 for those of IPv4 too.</summary>
    private static bool Covers(IPAddress any, IPAddress address) => any.Equals(IPAddress.IPv6Any) || (any.Equals(IPAddress.Any) && address.AddressFamily == any.AddressFamily);
}
