using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>The services on a real systemd: a Debian that was booted in a container.</summary>
public sealed class SystemdTests
{
    [Fact]
    public async Task The_services_live_and_die_as_an_administrator_expects()
    {
        // Needs root and several minutes, so a person or a nightly run asks for it.
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("GPU_MONITORING_SYSTEMD_TESTS") == "1",
            "set GPU_MONITORING_SYSTEMD_TESTS=1 to run scripts/test-systemd.sh (root, about a minute on an idle machine)");

        var outcome = await Installer.RunProgramAsync(RepositoryRoot.Combine("scripts", "test-systemd.sh"));

        outcome.ExitCode.Should().Be(0, outcome.Output + outcome.Errors);
    }
}
