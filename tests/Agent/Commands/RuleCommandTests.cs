using FluentAssertions;
using Monitoring.Agent.Commands;
using Monitoring.Agent.Detection.Rules.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Commands;

public sealed class RuleCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rules-").FullName;

    [Fact]
    public void Right_rules_are_a_table() =>
        GoldenFile.Check("Agent/check-rules.txt", RuleReport.Table(RuleFiles.Load(
        [
            new RuleText("shipped.yaml", "rules:\n  hot: { severity: critical, component: thermal, for: 5m, actions: [event, capture], health: { state: unhealthy }, when: { absent: { after: 1m } } }\n"),
            new RuleText("/etc/gpu-agent/rules.d/10-site.yaml", "rules:\n  hot: { severity: warning }\n  tried: { shadow: true, when: { absent: { after: 1m } } }\n  silent: { actions: [], when: { absent: { after: 1m } } }\n"),
        ]).Rules));

    [Theory]
    [InlineData("rules: { a: { when: { absent: { after: 1m } } } }", 0)]
    [InlineData("rules: { hw_thermal_slowdown: { severity: warning } }", 0)]
    [InlineData("rules: { a: { when: { absent: { after: soon } } } }", 78)]
    [InlineData("rules: [", 78)]
    public void Wrong_rules_end_every_command_that_reads_them_with_the_code_for_configuration(string text, int code)
    {
        var file = Path.Combine(folder, "a.yaml");
        File.WriteAllText(file, text);

        Program("check-rules", file).Should().Be(code);
        Program("check-rules", "--set", $"detection.rules_directory={folder}").Should().Be(code);
        Program("list-rules", "--set", $"detection.rules_directory={folder}").Should().Be(code);
        Program("check-config", "--set", $"detection.rules_directory={folder}").Should().Be(code);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_mistake() => Program("check-rules", Path.Combine(folder, "none.yaml")).Should().Be(78);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static int Program(params string[] arguments) => Monitoring.Agent.Program.Main(arguments);
}
