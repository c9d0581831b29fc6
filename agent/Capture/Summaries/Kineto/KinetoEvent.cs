namespace Monitoring.Agent.Capture.Summaries.Kineto;

/// <summary>What an event of a trace is; the rest of what PyTorch writes is of no use here.</summary>
internal enum KinetoCategory
{
    Other,
    Kernel,
    Copy,
    Fill,
    Runtime,
    Operator,
    Annotation,

    /// <summary>The span of the whole recording.</summary>
    Span,
}

/// <summary>The fields of one event, filled anew for each.</summary>
internal sealed class KinetoEvent
{
    internal bool IsComplete { get; set; }

    internal KinetoCategory Category { get; set; }

    internal string Name { get; set; } = "";

    /// <summary>Begin, in nanoseconds of the trace's clock; null where it has none.</summary>
    internal long? Start { get; set; }

    internal long? Duration { get; set; }

    internal long? Process { get; set; }

    internal long? Device { get; set; }

    internal long Bytes { get; set; }

    internal void Clear()
    {
        IsComplete = false;
        Category = KinetoCategory.Other;
        Name = "";
        Start = Duration = Process = Device = null;
        Bytes = 0;
    }
}
