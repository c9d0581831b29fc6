using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

/// <summary>The example of prometheus.yml has the jobs that the rules look for, and loads the rules.</summary>
public sealed partial class ScrapeJobTests
{
    private static readonly string Shipped = ShippedRules.At("prometheus", "prometheus.yml");

    [Fact]
    public async Task It_loads_both_files_of_rules()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("promtool"), ["check", "config", Shipped]);
        code.Should().Be(0, output);
        output.Should().Contain("2 rule files found").And.Contain($"{ShippedRules.Alerts.Count} rules found");
    }

    [Fact]
    public void Each_job_is_one_that_rules_look_for_and_the_other_way_round()
    {
        var jobs = JobName().Matches(File.ReadAllText(Shipped)).Select(static match => match.Groups["name"].Value).ToList();
        var sought = (ShippedRules.Values.NodeJobs + "|" + ShippedRules.Values.CollectorJob).Split('|');

        jobs.Should().BeEquivalentTo(sought);
    }

    [Fact]
    public void It_is_read_as_often_as_rules_and_dashboards_reckon_with()
    {
        var text = File.ReadAllText(Shipped);
        var source = File.ReadAllText(ShippedRules.At("grafana", "provisioning", "datasources", "prometheus.yaml"));

        var interval = Regex.Match(text, "scrape_interval: (?<value>[0-9]+)s").Groups["value"].Value;
        source.Should().Contain($"timeInterval: {interval}s");
        int.Parse(interval, System.Globalization.CultureInfo.InvariantCulture).Should().BeLessThanOrEqualTo(60, "values.yaml: slowest_scrape");
    }

    [Fact]
    public void The_collector_is_of_the_cluster_that_agents_say_when_nobody_named_one()
    {
        // Else GpuCollectorDown would hold back none of the alerts that follow from it.
        File.ReadAllText(Shipped).Should().Contain($"labels: {{cluster: {new Monitoring.Agent.Hosting.AgentSettings().Cluster}}}\n");
    }

    [GeneratedRegex("^  (# )?- job_name: (?<name>[a-z-]+)$", RegexOptions.Multiline)]
    private static partial Regex JobName();
}
