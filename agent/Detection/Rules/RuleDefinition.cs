using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>An anomaly rule as it was written, checked and with every default in place.</summary>
internal sealed record RuleDefinition
{
    /// <summary>Value of the <c>rule</c> label: letters, digits and underscores.</summary>
    internal required string Name { get; init; }

    internal string Description { get; init; } = "";

    internal EventSeverity Severity { get; init; } = EventSeverity.Warning;

    /// <summary>One of <see cref="Components"/>.</summary>
    internal string Component { get; init; } = Components.Performance;

    internal RuleFilter Filter { get; init; } = RuleFilter.All;

    internal required TriggerDefinition Trigger { get; init; }

    /// <summary>Labels of a node's series that tell instances apart, such as device and port; empty for one instance a GPU or node.</summary>
    internal IReadOnlyList<string> Per { get; init; } = [];

    /// <summary>GPUs of the node on which the trigger must hold at once; above 1 the rule fires once, for the node, and names them.</summary>
    internal int AtLeastGpus { get; init; } = 1;

    /// <summary>How long the trigger must hold before the rule fires.</summary>
    internal TimeSpan For { get; init; }

    /// <summary>How long it must not hold before the rule clears.</summary>
    internal TimeSpan ClearFor { get; init; }

    internal RuleActions Actions { get; init; } = RuleActions.Event;

    /// <summary>How a capture is taken, where <see cref="Actions"/> asks for one.</summary>
    internal RuleCapture Capture { get; init; } = RuleCapture.Default;

    internal RuleLimits Limits { get; init; } = RuleLimits.Default;

    /// <summary>
    /// Rules that tell of the same incident: where one of them has told somebody of the same GPU and still fires, this one fires without
    /// a word of its own.
    /// </summary>
    internal IReadOnlyList<string> ToldBy { get; init; } = [];

    /// <summary>A rule in shadow counts and shows its state, and does nothing else.</summary>
    internal bool Shadow { get; init; }

    /// <summary>What the component becomes while it fires.</summary>
    internal HealthState Health { get; init; } = HealthState.Healthy;

    /// <summary>What makes the component healthy again.</summary>
    internal ClearedBy ClearedBy { get; init; }

    /// <summary>After which time, where <see cref="ClearedBy"/> says so.</summary>
    internal TimeSpan ClearedAfter { get; init; } = TimeSpan.FromHours(1);

    internal string SuggestedAction { get; init; } = "";

    /// <summary>Name of the runbook page, or a URL.</summary>
    internal string Runbook { get; init; } = "";

    /// <summary>Where it was written: file and line.</summary>
    internal string Origin { get; init; } = "";
}

/// <summary>What a rule does when it fires.</summary>
[Flags]
internal enum RuleActions { None = 0, Event = 1, Capture = 2 }

/// <summary>How a rule's captures are taken.</summary>
/// <param name="Duration">How long to record; null for what the node is set to.</param>
/// <param name="Profilers">Names of profilers in order of preference; empty leaves the choice to the node.</param>
/// <param name="Control">True to take a sound GPU of the same job as well.</param>
internal sealed record RuleCapture(TimeSpan? Duration, IReadOnlyList<string> Profilers, bool Control)
{
    internal static RuleCapture Default { get; } = new(null, [], Control: false);

    /// <summary>True where nothing was said.</summary>
    internal bool IsDefault => Duration is null && Profilers.Count == 0 && !Control;
}

/// <summary>Which nodes and GPUs a rule looks at; an empty list lets everything through. Texts are globs: * and ?.</summary>
internal sealed record RuleFilter(IReadOnlyList<string> Nodes, IReadOnlyList<string> Models, IReadOnlyList<int> Gpus, IReadOnlyList<string> Jobs)
{
    internal static RuleFilter All { get; } = new([], [], [], []);
}

/// <summary>How often a rule may act for one GPU (or instance); what is over the limit is counted and told in the next event.</summary>
/// <param name="Events">Events at most in <paramref name="Window"/>.</param>
/// <param name="Captures">Captures at most in <paramref name="Window"/>.</param>
/// <param name="Cooldown">Least time between two captures of the rule on the node.</param>
internal sealed record RuleLimits(int Events, int Captures, TimeSpan Window, TimeSpan Cooldown)
{
    internal static RuleLimits Default { get; } = new(20, 2, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
}
