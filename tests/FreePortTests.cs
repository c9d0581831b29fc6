using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests;

public sealed class FreePortTests
{
    [Fact]
    public void Ports_are_given_once_and_nobody_listens_on_them()
    {
        var ports = Enumerable.Range(0, 20).Select(static _ => FreePort.Take()).ToList();
        ports.Should().OnlyHaveUniqueItems();
        foreach (var port in ports)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
    }
}
