using FluentAssertions;
using Monitoring.Simulator.Demo;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>The configurations that the demo writes.</summary>
public sealed class PrometheusConfigurationTests
{
    [Fact]
    public async Task Promtool_accepts_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(PrometheusConfiguration.Yaml("127.0.0.1:9461"), "prometheus.yml");

        var outcome = await Installer.RunProgramAsync(Requirement.Program("promtool"), "check", "config", path);

        outcome.ExitCode.Should().Be(0, outcome.Output + outcome.Errors);
    }

    [Fact]
    public void A_port_is_given_once_and_is_the_usual_one_only_where_it_is_free()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var usual = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var ports = new DemoPorts();

        var first = ports.Take(usual);
        var second = ports.Take(first);

        first.Should().NotBe(usual);
        second.Should().NotBe(first);
    }
}
