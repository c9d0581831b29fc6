using Monitoring.Contracts.Captures;

namespace Monitoring.Contracts.Commands;

/// <summary>Something that was asked of captures: who, what, when, from where and with what outcome. Written once, never changed.</summary>
/// <param name="Time">When, by the collector's clock.</param>
/// <param name="Action">What: one of <see cref="AuditActions"/>.</param>
/// <param name="Outcome">What became of it: one of <see cref="AuditOutcomes"/>.</param>
/// <param name="By">The person, rule, alert or schedule.</param>
/// <param name="Remote">Address that it came from; empty for the collector itself.</param>
/// <param name="Capture">Id of the capture; empty for none.</param>
/// <param name="Group">The group; empty for none.</param>
/// <param name="Node">The node; empty for none.</param>
/// <param name="Refusal">Why it was refused; null where it was not.</param>
/// <param name="Words">The same for a person: the reason that was given, or why not.</param>
/// <param name="Trigger">The kind of what <paramref name="By"/> is, one of <see cref="TriggerKinds"/>: of a control, that of what it is the control of, where it is known. Null where only a person can do it, and in entries of older versions.</param>
public sealed record AuditEntry(
    DateTimeOffset Time, string Action, string Outcome, string By, string Remote = "", string Capture = "", string Group = "", string Node = "", CaptureRefusal? Refusal = null, string Words = "", string? Trigger = null);

/// <summary>What is audited; never renamed.</summary>
public static class AuditActions
{
    public const string Request = "request";
    public const string Lease = "lease";
    public const string Control = "control";
    public const string Alert = "alert";
    public const string Schedule = "schedule";
    public const string SchedulePut = "schedule_put";
    public const string ScheduleDelete = "schedule_delete";
    public const string Cancel = "cancel";
    public const string Pin = "pin";
    public const string Unpin = "unpin";
    public const string Delete = "delete";

    /// <summary>Every action.</summary>
    public static IReadOnlyList<string> All { get; } = [Request, Lease, Control, Alert, Schedule, SchedulePut, ScheduleDelete, Cancel, Pin, Unpin, Delete];

    /// <summary>What a kind of <see cref="TriggerKinds"/> does that wants a capture.</summary>
    public static string Of(string trigger) => trigger switch
    {
        TriggerKinds.Rule => Lease,
        TriggerKinds.Alert => Alert,
        TriggerKinds.Schedule => Schedule,
        TriggerKinds.Control => Control,
        _ => Request,
    };
}

/// <summary>Outcomes in the audit; never renamed.</summary>
public static class AuditOutcomes
{
    public const string Accepted = "accepted";
    public const string Refused = "refused";

    /// <summary>A firing that was missed and is not made up for.</summary>
    public const string Skipped = "skipped";

    /// <summary>Every outcome.</summary>
    public static IReadOnlyList<string> All { get; } = [Accepted, Refused, Skipped];
}

/// <summary>Entries of the audit, newest first.</summary>
/// <param name="Next">What to give as <c>before</c> for the next page; null at the end.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? Next);
