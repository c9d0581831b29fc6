using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Contracts.Events;

/// <summary>
/// Something that happened on a node: what the journal keeps, the collector stores and people search for. The JSON reader hands null
/// for a property that is absent (source generation knows no initial values of init properties), so the setters put the default back.
/// </summary>
public sealed record EventRecord
{
    /// <summary>The same for the same happening, however often it is seen: 32 hexadecimal digits (<see cref="EventId"/>).</summary>
    public required string Id { get; init; }

    /// <summary>When it happened, by the node's clock, in UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// When the collector got an event that was dated later than that: the node's clock is wrong, and this is what it is ordered by. Null
    /// for all others, and until the collector has it.
    /// </summary>
    public DateTimeOffset? Received { get; init; }

    /// <summary>When it happened, as far as its node's clock can be believed.</summary>
    [JsonIgnore]
    public DateTimeOffset BelievedTime => Received ?? Time;

    /// <summary>What the kernel called this boot of the node; empty where unknown.</summary>
    public string BootId { get; init => field = value ?? ""; } = "";

    public string Cluster { get; init => field = value ?? ""; } = "";

    public required string Node { get; init; }

    /// <summary>The GPU that it concerns; null for the node as a whole.</summary>
    public GpuReference? Gpu { get; init; }

    /// <summary>What kind of event it is: one of <see cref="EventKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Number within its kind, such as the XID; null for kinds without one.</summary>
    public int? Code { get; init; }

    /// <summary>The anomaly rule that made it; null for an event of a source.</summary>
    public string? Rule { get; init; }

    /// <summary>The part that is affected, as the <c>component</c> label of gpu_health_state says it; empty where none is.</summary>
    public string Component { get; init => field = value ?? ""; } = "";

    public EventSeverity Severity { get; init; }

    public EventPhase Phase { get; init; }

    /// <summary>Id of the event that started the incident; set on the one that ends it.</summary>
    public string? Incident { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Title { get; init; }

    /// <summary>Why the event is believed.</summary>
    public EventEvidence Evidence { get; init => field = value ?? EventEvidence.None; } = EventEvidence.None;

    /// <summary>What to do about it, one sentence; empty where nothing needs to be done.</summary>
    public string SuggestedAction { get; init => field = value ?? ""; } = "";

    /// <summary>Link to the runbook; empty where there is none.</summary>
    public string Runbook { get; init => field = value ?? ""; } = "";

    /// <summary>The process that it names, where it does.</summary>
    public ProcessReference? Process { get; init; }

    /// <summary>The job that the GPU worked for, where known.</summary>
    public JobReference? Job { get; init; }

    /// <summary>What became of the capture that the rule asks for; null where it asks for none.</summary>
    public string? Capture { get; init; }

    /// <summary>What a newer sender says that this version does not know; kept and passed on.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A GPU as an event names it; what is not known is empty, the index null.</summary>
public sealed record GpuReference(int? Index = null, string Uuid = "", string Serial = "", string PciBusId = "");

/// <summary>A process as an event names it.</summary>
public sealed record ProcessReference(long Pid, string Name = "");

/// <summary>A job of a scheduler; what is not known is empty.</summary>
public sealed record JobReference(string Scheduler, string Id, string Name = "", string User = "", string Namespace = "", string Pod = "", string Container = "");

/// <summary>What an event rests on.</summary>
public sealed record EventEvidence
{
    /// <summary>No evidence.</summary>
    public static EventEvidence None { get; } = new();

    /// <summary>Who saw it, such as <c>kmsg</c>, <c>nvml</c>, <c>rule</c>.</summary>
    public IReadOnlyList<string> Sources { get; init => field = value ?? []; } = [];

    /// <summary>The line as it was read; null where no text was.</summary>
    public string? RawLine { get; init; }

    /// <summary>The values that crossed.</summary>
    public IReadOnlyList<EventValue> Values { get; init => field = value ?? []; } = [];

    /// <summary>Further facts by name, such as the decoded parts of a line.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; init; }
}

/// <summary>A value that crossed a threshold, in the metric's base unit.</summary>
/// <param name="Name">The series as Prometheus writes it, or an expression of it.</param>
/// <param name="Value">What it was; null for no value.</param>
/// <param name="Threshold">What it crossed; null where there is none.</param>
public sealed record EventValue(string Name, double? Value, double? Threshold = null);
