using Monitoring.Agent.Sampling;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Logs;
using Monitoring.Settings.Logs;
using Serilog;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Sinks.Elasticsearch;

namespace Monitoring.Agent.Hosting;

/// <summary>
/// Sends the agent's own log lines to the collector or to Elasticsearch. They wait on disk in the state directory, and nobody who logs
/// waits for them. What goes wrong on the way is said on standard error alone: in the log it would be about itself.
/// </summary>
internal sealed class LogShipping
{
    private const string Sink = "logs";
    private const string Dataset = "gpu.agent";
    private const string BulkPath = "v1/logs";
    private const string SpoolName = "logs";

    private readonly AgentSettings settings;
    private readonly List<Uri> nodes;
    private readonly EcsLogFormatter formatter;
    private readonly LogOrigin origin;

    internal LogShipping(AgentSettings settings, TimeProvider time)
    {
        this.settings = settings;
        nodes = settings.Log.Ship switch
        {
            LogShipTo.Collector when settings.Collector.Endpoint is { } endpoint => [BulkUrl(endpoint)],
            LogShipTo.Elasticsearch => settings.Log.Elasticsearch.Urls,
            _ => [],
        };
        origin = new LogOrigin(Dataset, "gpu-agent", ProcessReadings.Version, settings.NodeName, settings.Cluster,
            LogOrigin.LifeOf(settings.NodeName, Environment.ProcessId, time.GetUtcNow()));
        // A collector has a namespace of its own for what it sends on.
        if (settings.Log.Ship == LogShipTo.Elasticsearch) origin = origin with { Namespace = settings.Log.Namespace };
        formatter = new EcsLogFormatter(origin) { Connection = Connection, DeadLetterDirectory = DeadLetters };
    }

    private string? DeadLetters => Buffer is { } buffer ? buffer + "-dead-letters" : null;

    /// <summary>Where lines wait, as the beginning of a name; null without a state directory.</summary>
    private string? Buffer => settings.ResolvedStateDirectory is { Length: > 0 } state ? Path.Combine(state, SpoolName) : null;

    // A collector takes no credentials of Elasticsearch; what is set for the one is not shown to the other.
    private ElasticsearchConnectionSettings Connection => settings.Log.Ship == LogShipTo.Elasticsearch ? settings.Log.Elasticsearch : new ElasticsearchConnectionSettings();

    /// <summary>How the dead letters of the lines are sent once more; null where lines are not sent, or nothing is kept.</summary>
    internal (ElasticsearchConnectionSettings Connection, string DeadLetters)? Replay()
    {
        if (nodes.Count == 0 || DeadLetters is not { } directory) return null;
        var connection = Connection;
        connection.Urls = nodes;
        return (connection, directory);
    }

    /// <summary>The least level that is sent; none where nothing is.</summary>
    internal LogThreshold Level => nodes.Count > 0 ? settings.Log.ShipLevel : LogThreshold.None;

    /// <summary>Adds the sink, where lines are sent.</summary>
    internal void AddTo(LoggerConfiguration logger)
    {
        if (Level == LogThreshold.None) return;
        SelfLog.Enable(Console.Error);
        var connection = settings.Log.Elasticsearch;
        logger.WriteTo.Elasticsearch(new ElasticsearchSinkOptions(nodes)
        {
            MinimumLogEventLevel = (LogEventLevel)Level,
            IndexDecider = (_, at) => origin.IndexOf(at),
            CustomFormatter = formatter,
            BatchPostingLimit = connection.MaxBatchDocuments,
            Period = connection.MaxBatchAge,
            ConnectionTimeout = connection.RequestTimeout,
            BufferBaseFilename = Buffer,
            BufferFileSizeLimitBytes = settings.Log.ShipMaxBytes,
        });
    }

    /// <summary>Registers what is known of the pipe.</summary>
    internal void Register(NodeReadings readings)
    {
        if (formatter.Tally is not { } tally) return;
        readings.Add(MetricTable.SinkQueueLength, () => [new NodeReading(tally.Waiting, Sink)]);
        readings.Add(MetricTable.SinkSent, () => [new NodeReading(tally.Sent, Sink)]);
        readings.Add(MetricTable.SinkRetried, () => [new NodeReading(tally.Retried, Sink)]);
        readings.Add(MetricTable.SinkDeadLetters, () => [new NodeReading(tally.DeadLetters, Sink)]);
        readings.Add(MetricTable.SinkLastSuccess, () => tally.LastSuccess is { } at ? [new NodeReading(at.ToUnixTimeMilliseconds() / 1000.0, Sink)] : []);
        readings.Add(MetricTable.SinkEventsDropped, () => [.. tally.Dropped.Select(static loss => new NodeReading(loss.Value, Sink, loss.Key))]);
        readings.Add(MetricTable.SinkFailures, () => [.. tally.Failures.Select(static failure => new NodeReading(failure.Value, Sink, failure.Key))]);
    }

    /// <summary>Where the collector takes log lines, as the address of a node of Elasticsearch; what stands behind the path of metrics is left off.</summary>
    private static Uri BulkUrl(Uri endpoint)
    {
        const string MetricsPath = "/v1/metrics";
        var text = endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (text.EndsWith(MetricsPath, StringComparison.Ordinal)) text = text[..^MetricsPath.Length];
        return new Uri($"{text}/{BulkPath}");
    }
}
