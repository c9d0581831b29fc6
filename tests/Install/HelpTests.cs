using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>The installer's command line: what it says about itself and what it refuses.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("demo")]
    [InlineData("test")]
    [InlineData("publish")]
    [InlineData("agent")]
    [InlineData("collector")]
    [InlineData("uninstall")]
    [InlineData("dashboards")]
    public async Task A_command_describes_itself(string command)
    {
        var outcome = await Installer.RunAsync(command, "--help");

        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" });
        GoldenFile.Check($"install-{command}.txt", outcome.Output);
    }

    [Fact]
    public async Task Help_lists_every_command()
    {
        var outcome = await Installer.RunAsync("--help");

        outcome.ExitCode.Should().Be(0);
        GoldenFile.Check("install.txt", outcome.Output);
    }

    [Theory]
    [InlineData("unknown command 'demon'", "demon")]
    [InlineData("--nodes is '0', expected a whole number from 1 to 32", "demo", "--nodes", "0")]
    [InlineData("--nodes is '4x', expected a whole number", "demo", "--nodes", "4x")]
    [InlineData("--seconds needs a value", "demo", "--seconds")]
    [InlineData("--gpus needs a value", "demo", "--gpus", "--seconds", "60")]
    [InlineData("demo does not know '--node'", "demo", "--node", "4")]
    [InlineData("--configuration is 'Fast', expected Debug or Release", "test", "--configuration", "Fast")]
    [InlineData("publish needs the folder", "publish")]
    [InlineData("--rid is 'win-x64', expected linux-x64 or linux-arm64", "publish", "/tmp/x", "--rid", "win-x64")]
    [InlineData("--prefix is 'opt/gpu', expected an absolute path", "agent", "--prefix", "opt/gpu")]
    [InlineData("--prefix is '/opt/g p', expected an absolute path without blanks", "collector", "--prefix", "/opt/g p")]
    [InlineData("--root is '/srv/../etc', expected an absolute path", "uninstall", "--root", "/srv/../etc")]
    [InlineData("uninstall does not know 'agents'", "uninstall", "agents")]
    [InlineData("--prometheus is 'etc', expected an absolute path", "dashboards", "--prometheus", "etc")]
    [InlineData("--grafana-url is 'grafana:3000', expected an address", "dashboards", "--grafana-url", "grafana:3000")]
    [InlineData("--prometheus-url is 'http://a:b@host', expected an address without user and password", "dashboards", "--prometheus-url", "http://a:b@host")]
    [InlineData("--collector-url is 'http://host/gpu', expected an address without a path", "dashboards", "--collector-url", "http://host/gpu")]
    [InlineData("--vmalert and --prometheus are both '/tmp'", "dashboards", "--prometheus", "/tmp", "--vmalert", "/tmp")]
    [InlineData("dashboards does not know '--kibana'", "dashboards", "--kibana", "/tmp")]
    public async Task A_wrong_command_line_is_refused_with_its_reason(string reason, params string[] arguments)
    {
        var outcome = await Installer.RunAsync(arguments);

        outcome.ExitCode.Should().Be(64);
        outcome.Errors.Should().Contain(reason);
        outcome.Output.Should().BeEmpty();
    }
}
