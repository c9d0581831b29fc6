using FluentAssertions;
using Monitoring.Dashboards.Generator.Prometheus;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed class RuleFilesTests
{
    [Fact]
    public void The_page_for_people_says_what_the_rules_say() => GoldenFile.Check("../../docs/alerts.md", AlertDocument.Text(ShippedRules.Directory));

    [Fact]
    public async Task Promtool_finds_nothing_to_complain_of()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("promtool"),
            ["check", "rules", "--lint=all", "--lint-fatal", ShippedRules.At("prometheus", "gpu-recording.rules.yaml"), ShippedRules.At("prometheus", "gpu-alerts.rules.yaml")]);
        code.Should().Be(0, output);
    }

    [Fact]
    public async Task Vmalert_takes_its_variant()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("vmalert"), ["-dryRun", "-rule=" + ShippedRules.At("vmalert", "*.rules.yaml")]);
        code.Should().Be(0, output);
    }

    [Fact]
    public async Task Vmalert_refuses_the_files_of_Prometheus_which_is_why_it_has_a_variant()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("vmalert"), ["-dryRun", "-rule=" + ShippedRules.At("prometheus", "gpu-alerts.rules.yaml")]);
        code.Should().NotBe(0);
        output.Should().Contain("keep_firing_for");
    }

    [Fact]
    public void The_variant_for_vmalert_differs_in_nothing_else()
    {
        var files = RuleFiles.All(ShippedRules.Directory).ToDictionary(static file => file.Path, static file => file.Text);
        files["vmalert/gpu-recording.rules.yaml"].Should().Be(files["prometheus/gpu-recording.rules.yaml"]);
        var without = files["prometheus/gpu-alerts.rules.yaml"].Split('\n')[1..].Where(static line => !line.TrimStart().StartsWith("keep_firing_for:", StringComparison.Ordinal));
        files["vmalert/gpu-alerts.rules.yaml"].Split('\n')[1..].Should().Equal(without);
    }

    [Fact]
    public void Each_alert_says_where_how_bad_and_where_to_read_on()
    {
        foreach (var alert in ShippedRules.Alerts)
        {
            var annotations = alert.Annotations.ToDictionary(static entry => entry.Name, static entry => entry.Value);
            annotations["runbook_url"].Should().EndWith("/runbooks/" + alert.Definition.Name);
            annotations["dashboard_url"].Should().Contain("/d/gpu-");
            annotations["description"].Should().Contain("$value", alert.Definition.Name);
            if (alert.Definition.Scope is AlertScope.Gpu or AlertScope.Node) annotations["captures_url"].Should().EndWith("?node={{ $labels.node | urlquery }}");
            alert.Labels.Should().Contain(("severity", alert.Values.Severity));
            (alert.Definition.Component.Length > 0 || alert.Expression.Contains("component", StringComparison.Ordinal)).Should().BeTrue(alert.Definition.Name);
        }
    }

    [Fact]
    public void Recording_rules_are_named_by_level_metric_and_operation()
    {
        foreach (var rule in RuleFiles.Recordings(ShippedRules.Values).SelectMany(static group => group.Rules))
            rule.Name.Should().MatchRegex("^(cluster|node|node_gpu|job)(_[a-z]+)*:gpu_[a-z_]+:[a-z0-9_]+$");
    }
}
