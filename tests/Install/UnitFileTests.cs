using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>The unit files: systemd understands them, and they say what the installer's documentation promises.</summary>
public sealed class UnitFileTests
{
    [Theory]
    [InlineData("agent")]
    [InlineData("collector")]
    public async Task Systemd_accepts_the_unit_without_a_word(string role)
    {
        using var folder = new TemporaryFolder();
        // The program is not installed here, and systemd looks for it.
        var program = folder.Program("#!/bin/sh\n", $"gpu-{role}");
        var unit = folder.Write(
            Unit(role).Replace($"/opt/gpu-monitoring/{role}/gpu-{role}", program, StringComparison.Ordinal),
            $"gpu-{role}.service");

        var outcome = await Installer.RunProgramAsync(Requirement.Program("systemd-analyze"), "verify", "--man=no", unit);

        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Output = "", Errors = "" });
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("collector")]
    public void The_unit_is_watched_and_not_restarted_for_a_wrong_configuration(string role) =>
        Unit(role).Split('\n').Should().Contain(
        [
            "Type=notify", "NotifyAccess=main", "WatchdogSec=30", "Restart=on-failure", "RestartPreventExitStatus=78",
            "DynamicUser=yes", $"StateDirectory=gpu-{role}", $"ConfigurationDirectory=gpu-{role}",
            $"EnvironmentFile=-/etc/gpu-{role}/{role}.env",
        ]);

    private static string Unit(string role) =>
        File.ReadAllText(RepositoryRoot.Combine("packaging", "systemd", $"gpu-{role}.service"));
}
