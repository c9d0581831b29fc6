using Monitoring.Collector.Search.Documents;
using Monitoring.Settings;

namespace Monitoring.Collector.Search;

/// <summary>The streams, each with what is to be done with it.</summary>
internal sealed class StreamsSettings
{
    [Setting("Events of nodes.")]
    public StreamSettings Event { get; set; } = new(TimeSpan.FromDays(365));

    [Setting("Finished captures.")]
    public StreamSettings Capture { get; set; } = new(TimeSpan.FromDays(365));

    [Setting("What was asked of captures, by whom.")]
    public StreamSettings Audit { get; set; } = new(TimeSpan.FromDays(365));

    [Setting("The agents' own log.")]
    public StreamSettings Agent { get; set; } = new(TimeSpan.FromDays(30));

    [Setting("The collector's own log.")]
    public StreamSettings Collector { get; set; } = new(TimeSpan.FromDays(30));

    /// <summary>The settings of a stream.</summary>
    internal StreamSettings Of(SearchStream stream) =>
        stream == SearchStream.Event ? Event : stream == SearchStream.Capture ? Capture : stream == SearchStream.Audit ? Audit : stream == SearchStream.Agent ? Agent : Collector;
}

/// <summary>What is to be done with one stream.</summary>
internal sealed class StreamSettings
{
    /// <summary>For the settings loader.</summary>
    public StreamSettings()
    {
    }

    /// <summary>With a time of its own.</summary>
    internal StreamSettings(TimeSpan retention) => Retention = retention;

    /// <summary>Whether the stream is sent.</summary>
    [Setting("Whether the collector sends it.")]
    public bool Send { get; set; } = true;

    /// <summary>For how long it is kept.</summary>
    [Setting("For how long a document is kept at least; its index goes when the youngest of it is so old, up to a month later (a day, for logs).", Minimum = "1d", Maximum = "3650d")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}
