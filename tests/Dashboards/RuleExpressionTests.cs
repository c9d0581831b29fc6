using FluentAssertions;
using Monitoring.Tests.Dashboards.Promql;
using Xunit;

namespace Monitoring.Tests.Dashboards;

/// <summary>Every rule of Prometheus that is shipped can be read, and asks for metrics and labels that are there.</summary>
public sealed class RuleExpressionTests
{
    [Fact]
    public async Task Every_rule_asks_for_metrics_and_labels_that_are_exported()
    {
        var check = new LabelCheck(await ExportedMetrics.AllAsync());
        var faults = new List<string>();
        foreach (var (rule, (tree, fault)) in RuleFile.All.Zip(await Expression.ReadAsync([.. RuleFile.All.Select(static rule => rule.Expression)])))
            faults.AddRange((tree is null ? [fault!] : check.Faults(tree)).Select(words => $"{rule}: {words}"));

        faults.Should().BeEmpty();
        RuleFile.All.Should().NotBeEmpty();
    }
}
