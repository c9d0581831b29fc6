namespace Monitoring.Collector.Search.Documents;

/// <summary>A kind of document with indices of its own. Names are public: searches and dashboards use them, never renamed.</summary>
/// <param name="Name">In settings, metrics and the log, such as <c>event</c>.</param>
/// <param name="IsDaily">True where an index holds a day, false where it holds a month: lines of a log are many, the rest is few.</param>
/// <param name="Flag">Stands for it in the table of fields.</param>
/// <param name="Meaning">What it holds, for the documentation.</param>
internal sealed record SearchStream(string Name, bool IsDaily, StreamSet Flag, string Meaning)
{
    public static readonly SearchStream Event = new("event", false, StreamSet.Event, "events of nodes: XIDs, what rules find, changes of health, stages of captures");
    public static readonly SearchStream Capture = new("capture", false, StreamSet.Capture, "one document for each finished capture: its manifest and what its summaries say");
    public static readonly SearchStream Audit = new("audit", false, StreamSet.Audit, "what was asked of captures and schedules, by whom, with what outcome");
    public static readonly SearchStream Agent = new("agent", true, StreamSet.Agent, "the agents' own log lines");
    public static readonly SearchStream Collector = new("collector", true, StreamSet.Collector, "the collector's own log lines");

    /// <summary>Every stream.</summary>
    public static IReadOnlyList<SearchStream> All { get; } = [Event, Capture, Audit, Agent, Collector];

    /// <summary>Such as <c>gpu.event</c>: the value of <c>event.dataset</c> and <c>data_stream.dataset</c>.</summary>
    public string Dataset => "gpu." + Name;
}

/// <summary>Streams that have a field.</summary>
[Flags]
internal enum StreamSet
{
    None = 0,
    Event = 1,
    Capture = 2,
    Audit = 4,
    Agent = 8,
    Collector = 16,

    /// <summary>The log lines of both.</summary>
    Lines = Agent | Collector,

    /// <summary>Everything but log lines.</summary>
    Records = Event | Capture | Audit,
    All = Records | Lines,
}
