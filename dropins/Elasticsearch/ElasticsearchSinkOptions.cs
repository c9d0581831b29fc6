using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Serilog.Sinks.Elasticsearch;

/// <summary>How log events get into Elasticsearch or OpenSearch. Names, types and meanings are the package's where it has them; dropins/README.md says what differs.</summary>
public class ElasticsearchSinkOptions
{
    // The Elasticsearch of a developer's machine, as the package has it.
    private static readonly Uri s_local = new("http://localhost:9200");

    /// <summary>Options for the server on this machine.</summary>
    public ElasticsearchSinkOptions() : this(s_local)
    {
    }

    /// <summary>Options for one node.</summary>
    public ElasticsearchSinkOptions(Uri node) : this([node])
    {
    }

    /// <summary>Options for several nodes of one cluster; another is taken where one fails.</summary>
    public ElasticsearchSinkOptions(IEnumerable<Uri> nodes) => Nodes = [.. nodes];

    /// <summary>Index of an event, with its time (UTC) in place of <c>{0}</c>.</summary>
    public string IndexFormat { get; set; } = "logstash-{0:yyyy.MM.dd}";

    /// <summary>Names the index of an event by its time (UTC), in place of <see cref="IndexFormat"/>. The name must follow from the event alone: a retry meets the same index, and so its own id.</summary>
    public Func<LogEvent, DateTimeOffset, string>? IndexDecider { get; set; }

    /// <summary>Most events of a request.</summary>
    public int BatchPostingLimit { get; set; } = 50;

    /// <summary>How long events wait for others to share a request.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a request may take.</summary>
    public TimeSpan ConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Least level that is sent; null takes all that the logger has.</summary>
    public LogEventLevel? MinimumLogEventLevel { get; set; }

    /// <summary>Least level that is sent, changed while it runs; goes before <see cref="MinimumLogEventLevel"/>.</summary>
    public LoggingLevelSwitch? LevelSwitch { get; set; }

    /// <summary>Writes an event as one JSON object; null writes it in the terms of the Elastic Common Schema.</summary>
    public ITextFormatter? CustomFormatter { get; set; }

    /// <summary>Longest document, in bytes; a longer one is dropped and counted. Null takes any that the spool has room for.</summary>
    public long? SingleEventSizePostingLimit { get; set; }

    /// <summary>Directory, with the first part of a name, for events that wait: they outlive the process. Null keeps them in memory.</summary>
    public string? BufferBaseFilename { get; set; }

    /// <summary>Bytes of the events that wait on disk, all files together; beyond it the oldest go, and are counted.</summary>
    public long? BufferFileSizeLimitBytes { get; set; } = 100L << 20;

    /// <summary>Events that wait in memory: for the disk, or, without a buffer on disk, for the server.</summary>
    public int QueueSizeLimit { get; set; } = 100_000;

    /// <summary>What happens to an event that is dropped before it waits anywhere; it is counted in any case.</summary>
    public EmitEventFailureHandling EmitEventFailure { get; set; } = EmitEventFailureHandling.WriteToSelfLog;

    /// <summary>Gets such events with <see cref="EmitEventFailureHandling.WriteToFailureSink"/>.</summary>
    public ILogEventSink? FailureSink { get; set; }

    internal IReadOnlyList<Uri> Nodes { get; }

    /// <summary>How long the end of the logger waits for events to be sent.</summary>
    internal TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>In place of the network, for tests.</summary>
    internal HttpMessageHandler? Handler { get; set; }
}

/// <summary>What happens to an event that cannot be taken.</summary>
[Flags]
#pragma warning disable CA1008 // The package has no name for 0 either: then the event is counted, and no more.
public enum EmitEventFailureHandling
#pragma warning restore CA1008
{
    /// <summary>SelfLog hears of it.</summary>
    WriteToSelfLog = 1,

    /// <summary>Another sink gets it.</summary>
    WriteToFailureSink = 2,
}
