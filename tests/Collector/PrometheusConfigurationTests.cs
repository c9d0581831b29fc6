using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Collector;

public sealed partial class PrometheusConfigurationTests
{
    private static readonly string Shipped = RepositoryRoot.Combine("dashboards", "prometheus", "prometheus.yml");

    [Fact]
    public async Task The_configuration_that_is_shipped_is_valid()
    {
        var promtool = Requirement.Program("promtool");
        var (code, output) = await ChildProcess.RunAsync(promtool, ["check", "config", Shipped]);
        code.Should().Be(0, output);
    }

    [Fact]
    public async Task The_job_that_is_commented_out_is_valid_too()
    {
        var promtool = Requirement.Program("promtool");
        var text = await File.ReadAllTextAsync(Shipped);
        var at = text.IndexOf("  # - job_name: gpu-agents", StringComparison.Ordinal);
        at.Should().BePositive();
        var copy = Path.GetTempFileName();
        await File.WriteAllTextAsync(copy, text[..at] + CommentSign().Replace(text[at..], "  "));
        var (code, output) = await ChildProcess.RunAsync(promtool, ["check", "config", copy]);
        File.Delete(copy);
        code.Should().Be(0, output);
        (await File.ReadAllTextAsync(Shipped)).Should().Contain("/sd/prometheus?via=agent").And.Contain("/sd/prometheus?via=collector");
    }

    [GeneratedRegex("^  # ", RegexOptions.Multiline)]
    private static partial Regex CommentSign();
}
