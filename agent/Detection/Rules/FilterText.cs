using System.IO.Enumeration;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>Says whom a filter lets through, and why not.</summary>
internal static class FilterText
{
    /// <summary>Why a rule does not look at this node at all; empty where it does.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="node">The node.</param>
    /// <param name="knowsJobs">False where nobody can tell the jobs of GPUs, as in a recording.</param>
    internal static string Refusal(RuleFilter filter, NodeIdentity node, bool knowsJobs) =>
        filter.Nodes.Count > 0 && !Matches(filter.Nodes, node.Node) ? $"filter: node {node.Node} is none of {string.Join(", ", filter.Nodes)}"
        : filter.Jobs.Count > 0 && !knowsJobs ? $"filter: the job of a GPU is not known, so none of {string.Join(", ", filter.Jobs)} matches"
        : "";

    /// <summary>Why a rule does not look at this GPU; empty where it does.</summary>
    internal static string Refusal(RuleFilter filter, GpuSubject gpu) =>
        filter.Gpus.Count > 0 && !filter.Gpus.Contains(gpu.Index) ? $"filter: GPU {gpu.Index} is none of {string.Join(", ", filter.Gpus)}"
        : filter.Models.Count > 0 && !Matches(filter.Models, gpu.Model) ? $"filter: model '{gpu.Model}' is none of {string.Join(", ", filter.Models)}"
        : "";

    /// <summary>True for a job that the filter lets through, by its id or its name.</summary>
    internal static bool IsMeant(RuleFilter filter, JobReference job) => Matches(filter.Jobs, job.Id) || (job.Name.Length > 0 && Matches(filter.Jobs, job.Name));

    private static bool Matches(IReadOnlyList<string> globs, string text) =>
        globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob.Replace(@"\", @"\\", StringComparison.Ordinal), text, ignoreCase: true));
}
