using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Agent;

public sealed class ProgramTests
{
    [Fact]
    public void A_port_that_another_process_has_ends_the_agent_without_a_fault()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        Monitoring.Agent.Program.Main(["run", "--set", $"listen={other.LocalEndpoint}", "--set", "devices.nvml_library=libnone.so", "--set", "log.level=none"]).Should().Be(1);
    }

    [Fact]
    public void A_wrong_setting_ends_the_agent_with_the_code_that_the_unit_does_not_restart() =>
        Monitoring.Agent.Program.Main(["run", "--set", "sampling.fast_interval=5ms"]).Should().Be(78);
}
