using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>What a rule is run for.</summary>
internal enum RuleReach
{
    /// <summary>Each GPU.</summary>
    Gpu,

    /// <summary>The node, or each instance of <see cref="RuleDefinition.Per"/> on it.</summary>
    Node,

    /// <summary>Only events matter: those that name a GPU for that GPU, the others for the node.</summary>
    Events,
}

/// <summary>Finds out what a rule is run for.</summary>
internal static class RuleReaches
{
    private static readonly HashSet<string> NodeMetrics = [.. MetricTable.All.OfType<NodeMetric>().Select(static metric => metric.Name)];

    /// <summary>The node's metrics that these rules look at.</summary>
    internal static IEnumerable<NodeMetric> NodeMetricsOf(IEnumerable<RuleDefinition> rules)
    {
        HashSet<string> names = [.. rules.SelectMany(static rule => PredicateCompiler.Selectors(rule.Trigger)).Select(static selector => selector.Metric)];
        return MetricTable.All.OfType<NodeMetric>().Where(metric => names.Contains(metric.Name));
    }

    /// <summary>Whether a rule fires for single GPUs; else for the node, several GPUs together, or what its instances name.</summary>
    internal static bool IsOfGpus(RuleDefinition rule) => Of(rule) != RuleReach.Node && rule.AtLeastGpus <= 1;

    /// <summary>The reach of a rule: its series tell.</summary>
    internal static RuleReach Of(RuleDefinition rule)
    {
        var selectors = PredicateCompiler.Selectors(rule.Trigger).ToArray();
        if (rule.Per.Count > 0 || selectors.Any(static selector => NodeMetrics.Contains(selector.Metric))) return RuleReach.Node;
        return selectors.Length > 0 || PredicateCompiler.LooksAtFrames(rule.Trigger) ? RuleReach.Gpu : RuleReach.Events;
    }
}
