using System.Net;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Commands;
using Monitoring.Collector.Events;
using Monitoring.Collector.Exposition;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Schedules;
using Monitoring.Collector.Search;
using Monitoring.Collector.Series;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Settings;
using Monitoring.Settings.Logs;

namespace Monitoring.Collector;

/// <summary>Everything that can be set of the collector.</summary>
internal sealed class CollectorSettings : ICheckSettings
{
    // The oldest events go by whole files; fewer of the largest would leave nothing to choose from.
    private const long EventsThatFit = 16;

    /// <summary>Where it listens.</summary>
    [Setting("Address and port to listen on. Pushes carry no password: beyond loopback, listen only on a network that you trust.")]
    public string Listen { get; set; } = "127.0.0.1:9461";

    /// <summary>Where events are kept.</summary>
    [Setting("Directory for what must outlive a restart: events, log lines and captures. systemd names it in STATE_DIRECTORY, which an empty setting takes; without either, events and log lines are kept in memory alone and captures are refused.")]
    public string StateDirectory { get; set; } = "";

    /// <summary>What is logged, and how.</summary>
    public LogSettings Log { get; } = new();

    /// <summary>What senders may push.</summary>
    [Setting("Limits of what a sender may push.")]
    public IngestSettings Ingest { get; set; } = new();

    /// <summary>What is kept, and for how long.</summary>
    [Setting("Limits and times of the series that are kept.")]
    public SeriesSettings Series { get; set; } = new();

    /// <summary>Which events are taken, and for how long they are kept.</summary>
    [Setting("Limits of the events that are taken and kept.")]
    public EventSettings Events { get; set; } = new();

    /// <summary>Which log lines are taken, and for how long they are kept.</summary>
    [Setting("Limits of the log lines that are taken of agents and kept.")]
    public LogStoreSettings Logs { get; set; } = new();

    /// <summary>Which captures are taken, where they are kept, and for how long.</summary>
    [Setting("Captures: what is taken of nodes, where it is kept, and for how long.")]
    public CaptureSettings Captures { get; set; } = new();

    /// <summary>How Prometheus finds its targets.</summary>
    [Setting("How Prometheus finds its targets through the collector.")]
    public DiscoverySettings Discovery { get; set; } = new();

    /// <summary>How captures are asked for.</summary>
    [Setting("How captures are asked for: over the API, by Alertmanager and by rules, and how many the cluster takes.")]
    public CommandSettings Commands { get; set; } = new();

    /// <summary>Captures at certain times.</summary>
    [Setting("Captures at certain times; more can be made over /api/v1/schedules.")]
    public List<ScheduleSettings> Schedules { get; set; } = [];

    /// <summary>What goes to Elasticsearch or OpenSearch.</summary>
    [Setting("Elasticsearch or OpenSearch, filled with events, captures, the audit and logs; nothing needs it.")]
    public ElasticsearchSettings Elasticsearch { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (!TryParseEndPoint(Listen, out _)) yield return ("listen", "an IP address and a port, such as 127.0.0.1:9461, 0.0.0.0:9461 or [::]:9461");
        if (Discovery.AdvertisedAddress.Length > 0 && !IsHostAndPort(Discovery.AdvertisedAddress))
            yield return ("discovery.advertised_address", "host:port, such as collector.example:9461");
        if (Ingest.MaxDecompressedBytes < Ingest.MaxCompressedBytes)
            yield return ("ingest.max_decompressed_bytes", $"at least ingest.max_compressed_bytes ({Ingest.MaxCompressedBytes})");
        if (Events.MaxBytes < EventsThatFit * Events.MaxEventBytes)
            yield return ("events.max_bytes", $"at least {EventsThatFit} times events.max_event_bytes ({EventsThatFit * Events.MaxEventBytes})");
        if (Captures.MaxBytes < Captures.MaxFileBytes)
            yield return ("captures.max_bytes", $"at least captures.max_file_bytes ({Captures.MaxFileBytes})");
        if (Events.MaxMemoryBytes < EventsThatFit * Events.MaxEventBytes)
            yield return ("events.max_memory_bytes", $"at least {EventsThatFit} times events.max_event_bytes ({EventsThatFit * Events.MaxEventBytes})");
        if (Elasticsearch.IsUsed && StateDirectoryPath.Length == 0)
            yield return ("state_directory", "a directory, since what was delivered to Elasticsearch must outlive a restart");
        foreach (var mistake in CheckSchedules()) yield return mistake;
    }

    private IEnumerable<(string Key, string Expected)> CheckSchedules()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < Schedules.Count; index++)
        {
            var problems = new List<FieldProblem>();
            CaptureSchedule.Of(Schedules[index].ToDefinition(), Commands, TimeProvider.System, problems);
            if (!names.Add(Schedules[index].Name)) problems.Add(new FieldProblem("name", Schedules[index].Name, "a name that no other schedule has"));
            foreach (var problem in problems) yield return ($"schedules.{index}.{(problem.Field == "duration_seconds" ? "duration" : problem.Field)}", $"{problem.Expected} (found '{problem.Value}')");
        }

        foreach (var name in Commands.Alertmanager.Profilers.Where(static name => !ProfilerNames.All.Contains(name))) yield return ("commands.alertmanager.profilers", $"names of {string.Join(", ", ProfilerNames.All)}, not '{name}'");
    }

    /// <summary>The state directory that holds; empty for none.</summary>
    public string StateDirectoryPath => StateDirectory.Length > 0
        ? StateDirectory
        // systemd names several with colons between them; the unit has one.
        : (Environment.GetEnvironmentVariable("STATE_DIRECTORY") ?? "").Split(':')[0];

    /// <summary>The directory for captures; empty for none.</summary>
    public string CaptureDirectoryPath => Captures.Directory.Length > 0 ? Captures.Directory : StateDirectoryPath.Length > 0 ? Path.Combine(StateDirectoryPath, "captures") : "";

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
