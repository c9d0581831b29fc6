using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Commands;

/// <summary>A capture that was let into the budget.</summary>
/// <param name="Capture">Id of the capture.</param>
/// <param name="Kind">What asked, one of <see cref="TriggerKinds"/>.</param>
/// <param name="Name">The rule, alert, schedule or person.</param>
/// <param name="EndsAt">When it counts as over where nobody says so.</param>
/// <param name="IsOver">True once its node said so.</param>
/// <param name="IsGivenBack">True where it never began, so that it counts nowhere.</param>
/// <param name="Order">What is the same for captures that count as one of their job; empty for one that counts by itself, as all of an older version do.</param>
internal sealed record BudgetLease(
    string Capture, string Node, string Kind, string Name, string Gpu, string Job, DateTimeOffset GrantedAt, DateTimeOffset EndsAt, bool IsOver = false, bool IsGivenBack = false, string Order = "")
{
    /// <summary>What the limit of a rule counts; empty for people and schedules, whom only the limits of all hold.</summary>
    public string RuleKey => KeyOf(Kind, Name);

    /// <summary>Whether it is under way.</summary>
    public bool IsActive(DateTimeOffset now) => !IsOver && EndsAt > now;

    /// <summary>What the limit of a rule counts.</summary>
    public static string KeyOf(string kind, string name) => kind is TriggerKinds.Rule or TriggerKinds.Alert ? $"{kind} {name}" : "";
}
