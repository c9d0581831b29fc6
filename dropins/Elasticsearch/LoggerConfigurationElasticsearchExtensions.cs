using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Sinks.Elasticsearch;

namespace Serilog;

/// <summary>Adds <c>WriteTo.Elasticsearch()</c>.</summary>
public static class LoggerConfigurationElasticsearchExtensions
{
    private static readonly char[] s_nodesSeparators = [',', ';'];

    /// <summary>Sends events to Elasticsearch or OpenSearch.</summary>
    /// <param name="loggerSinkConfiguration">Where sinks are added.</param>
    /// <param name="options">The options; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong: which, its value and what is expected.</exception>
    public static LoggerConfiguration Elasticsearch(this LoggerSinkConfiguration loggerSinkConfiguration, ElasticsearchSinkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loggerSinkConfiguration);
        options ??= new ElasticsearchSinkOptions();
        return loggerSinkConfiguration.Sink(new ElasticsearchSink(options), options.MinimumLogEventLevel ?? LevelAlias.Minimum, options.LevelSwitch);
    }

    /// <summary>Sends events to Elasticsearch or OpenSearch.</summary>
    /// <param name="loggerSinkConfiguration">Where sinks are added.</param>
    /// <param name="nodeUris">Addresses of nodes, with commas or semicolons between them.</param>
    /// <param name="indexFormat">Index of an event, with its time (UTC) in place of <c>{0}</c>.</param>
    /// <param name="batchPostingLimit">Most events of a request.</param>
    /// <param name="period">Seconds that events wait for others to share a request.</param>
    /// <param name="restrictedToMinimumLevel">Least level that is sent.</param>
    /// <param name="bufferBaseFilename">Directory, with the first part of a name, for events that wait; null keeps them in memory.</param>
    /// <param name="bufferFileSizeLimitBytes">Bytes of the events that wait on disk.</param>
    /// <param name="levelSwitch">Least level that is sent, changed while it runs.</param>
    /// <exception cref="ArgumentException">An option is wrong: which, its value and what is expected.</exception>
    public static LoggerConfiguration Elasticsearch(
        this LoggerSinkConfiguration loggerSinkConfiguration,
        string nodeUris,
        string? indexFormat = null,
        int batchPostingLimit = 50,
        int period = 2,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        string? bufferBaseFilename = null,
        long? bufferFileSizeLimitBytes = null,
        LoggingLevelSwitch? levelSwitch = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(nodeUris);
        var nodes = nodeUris.Split(s_nodesSeparators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var options = new ElasticsearchSinkOptions(nodes.Select(static node => Uri.TryCreate(node, UriKind.Absolute, out var uri)
            ? uri : throw new ArgumentException($"nodeUris has '{node}', expected addresses such as http://localhost:9200", nameof(nodeUris))))
        {
            BatchPostingLimit = batchPostingLimit, Period = TimeSpan.FromSeconds(period), MinimumLogEventLevel = restrictedToMinimumLevel, BufferBaseFilename = bufferBaseFilename, LevelSwitch = levelSwitch,
        };
        if (!string.IsNullOrWhiteSpace(indexFormat)) options.IndexFormat = indexFormat;
        if (bufferFileSizeLimitBytes is { } limit) options.BufferFileSizeLimitBytes = limit;
        return Elasticsearch(loggerSinkConfiguration, options);
    }
}
