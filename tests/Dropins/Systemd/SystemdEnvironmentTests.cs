using FluentAssertions;
using Microsoft.Extensions.Hosting.Systemd;
using Xunit;

namespace Monitoring.Tests.Dropins.Systemd;

public sealed class SystemdEnvironmentTests
{
    [Theory]
    // Started by systemd 248 or later.
    [InlineData(100, "100", null, null, null, true, true)]
    [InlineData(100, "100", "/run/systemd/notify", null, "systemd", true, true)]
    // A child of a service inherits its variable.
    [InlineData(101, "100", null, null, "bash", false, false)]
    [InlineData(101, "100", "/run/systemd/notify", null, "bash", false, true)]
    [InlineData(100, "+100", null, null, "bash", false, false)]
    // Before 248.
    [InlineData(100, null, null, null, "systemd", true, true)]
    [InlineData(100, null, null, null, null, false, false)]
    // PID 1 of a container.
    [InlineData(1, null, "/run/notify", null, null, true, true)]
    [InlineData(1, null, null, "1", null, true, true)]
    [InlineData(1, null, null, null, "systemd", false, false)]
    public void A_service_is_told_by_its_variables_and_its_parent(
        int processId, string? executed, string? notifySocket, string? listen, string? parent, bool isService, bool wantsNotifications)
    {
        SystemdEnvironment environment = new(processId, executed, notifySocket, listen, parent);

        environment.IsService.Should().Be(isService);
        environment.WantsNotifications.Should().Be(wantsNotifications);
    }

    [Theory]
    [InlineData("4711 (dotnet) S 42 4711 4711 0 -1", 42)]
    [InlineData("4711 (a) b (c) S 7 1 1", 7)]
    [InlineData("4711 (a) S 7", 7)]
    [InlineData("4711 (a)", null)]
    [InlineData("", null)]
    [InlineData("4711 (a) S x 1", null)]
    public void The_parent_is_read_behind_a_name_with_any_characters(string stat, int? expected)
        => SystemdEnvironment.ParseParent(stat).Should().Be(expected);

    [Fact]
    public void This_process_knows_its_parent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");

        SystemdEnvironment.Current().ProcessId.Should().Be(Environment.ProcessId);
        SystemdEnvironment.Current().ParentName.Should().NotBeNullOrEmpty();
    }
}
