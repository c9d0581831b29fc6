namespace Monitoring.Contracts.Captures;

/// <summary>Names of the details of an event of kind <c>capture</c>; public, since searches and counters use them.</summary>
public static class CaptureEventDetails
{
    /// <summary>Id of the capture.</summary>
    public const string Capture = "capture";

    /// <summary>Where it came to stand: a <see cref="CaptureStage"/> as a word.</summary>
    public const string Stage = "stage";

    /// <summary>One of <see cref="TriggerKinds"/>.</summary>
    public const string Trigger = "trigger";

    /// <summary>Of a control, the same of what asked for the capture whose control it is, where that is known.</summary>
    public const string Origin = "trigger_origin";

    /// <summary>Name of the rule, alert, schedule or person.</summary>
    public const string AskedBy = "asked_by";

    /// <summary>Names of the profilers at work, joined by commas.</summary>
    public const string Profilers = "profilers";

    /// <summary>Why it was refused: a <see cref="CaptureRefusal"/> as a word.</summary>
    public const string Refusal = "refusal";

    /// <summary>What became of each profiler on an event that ends a capture: <c>counters:done,kineto:failed</c>.</summary>
    public const string Results = "results";
}
