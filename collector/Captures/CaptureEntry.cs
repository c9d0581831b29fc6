namespace Monitoring.Collector.Captures;

/// <summary>A capture in the catalogue: what is known of it and how it is found.</summary>
/// <param name="Record">What is known.</param>
/// <param name="FirstSeen">When the collector first heard of it.</param>
/// <param name="Text">What a search looks through, in lower case.</param>
/// <param name="Triage">What its summaries find, in sentences; empty for nothing.</param>
internal sealed record CaptureEntry(CaptureRecord Record, DateTimeOffset FirstSeen, string Text = "", string Triage = "")
{
    /// <summary>When it was asked for, which orders captures; when it was first heard of, where nobody asked the collector.</summary>
    public DateTimeOffset At => Record.Manifest?.Request.RequestedAt ?? Record.Request?.RequestedAt ?? FirstSeen;
}
