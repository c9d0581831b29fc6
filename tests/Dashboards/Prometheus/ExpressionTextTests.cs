using FluentAssertions;
using Monitoring.Dashboards.Generator.Prometheus;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed class ExpressionTextTests
{
    [Theory]
    [InlineData("gpu_devices > 1", "gpu_devices{cluster=\"a\"} > 1")]
    [InlineData("rate(gpu_x_total{reason=\"b\"}[5m])", "rate(gpu_x_total{cluster=\"a\",reason=\"b\"}[5m])")]
    [InlineData("gpu_x{}", "gpu_x{cluster=\"a\"}")]
    [InlineData("absent(up{job=~\"b|c\"})", "absent(up{cluster=\"a\",job=~\"b|c\"})")]
    [InlineData("max by (cluster, node, gpu) (node_gpu:gpu_x:sum)", "max by (cluster, node, gpu) (node_gpu:gpu_x:sum)")]
    [InlineData("node:gpu_x:sum and gpu_y", "node:gpu_x:sum and gpu_y{cluster=\"a\"}")]
    public void The_selector_stands_on_every_series_but_those_that_were_recorded_with_it(string expression, string expected) =>
        ExpressionText.AddSelector(expression, "cluster=\"a\"").Should().Be(expected);

    [Fact]
    public void Without_a_selector_nothing_changes() => ExpressionText.AddSelector("gpu_devices > 1", "").Should().Be("gpu_devices > 1");

    [Fact]
    public async Task With_a_selector_all_rules_are_still_rules()
    {
        var promtool = Requirement.Program("promtool");
        var folder = System.IO.Directory.CreateTempSubdirectory("rules-");
        foreach (var part in (string[])["dashboards/prometheus", "agent/Detection/Rules"]) System.IO.Directory.CreateDirectory(Path.Combine(folder.FullName, part));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "dashboards", RuleFiles.ValuesFile), ShippedRules.ValuesText.Replace("selector: ''", "selector: 'cluster=\"a\"'", StringComparison.Ordinal));
        File.Copy(RepositoryRoot.Combine("agent", "Detection", "Rules", "shipped.yaml"), Path.Combine(folder.FullName, "agent", "Detection", "Rules", "shipped.yaml"));
        var paths = new List<string>();
        foreach (var file in RuleFiles.All(Path.Combine(folder.FullName, "dashboards")).Where(static file => file.Path.StartsWith("prometheus/", StringComparison.Ordinal)))
        {
            paths.Add(Path.Combine(folder.FullName, Path.GetFileName(file.Path)));
            await File.WriteAllTextAsync(paths[^1], file.Text);
            file.Text.Should().Contain("{cluster=\"a\"");
        }

        var (code, output) = await ChildProcess.RunAsync(promtool, ["check", "rules", .. paths]);
        folder.Delete(recursive: true);
        code.Should().Be(0, output);
    }
}
