using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>What the installer would do on a machine that lacks everything: its programs are the only ones on the PATH.</summary>
public sealed class FreshMachineTests : IDisposable
{
    /// <summary>What every Debian and Ubuntu holds and the installer uses.</summary>
    private static readonly string[] Essential =
        ["bash", "cat", "cp", "dirname", "env", "grep", "install", "mktemp", "readlink", "realpath", "rm", "sed", "setpriv", "setsid", "uname"];

    private readonly TemporaryFolder _machine = new();

    public FreshMachineTests()
    {
        Directory.CreateDirectory(_machine.Combine("bin"));
        foreach (var name in Essential)
            File.CreateSymbolicLink(_machine.Combine("bin", name), Requirement.Program(name));
        _machine.Program("#!/bin/bash\necho \"$0 $*\"\n", "bin", "sudo");
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("debian", "12", "Debian GNU/Linux 12 (bookworm)", false)]
    [InlineData("ubuntu", "24.04", "Ubuntu 24.04.3 LTS", true)]
    [InlineData("ubuntu", "22.04", "Ubuntu 22.04.5 LTS", false)]
    public async Task A_demo_names_what_is_missing_and_where_it_comes_from(string id, string version, string name, bool offersSdk)
    {
        AddApt(offersSdk);

        var outcome = await DemoAsync(id, version, name, "--dry-run");

        outcome.Should().BeEquivalentTo(new { ExitCode = 0 }, outcome.Errors);
        GoldenFile.Check($"install-demo-on-{id}-{version}.txt", Neutral(outcome));
    }

    [Fact]
    public async Task Nothing_is_installed_against_the_will_of_the_caller()
    {
        AddApt(offersSdk: true);

        var outcome = await DemoAsync("debian", "12", "Debian", "--no-install");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("remedy: install these packages: dotnet-sdk-10.0");
    }

    [Fact]
    public async Task A_distribution_without_apt_is_told_what_to_install()
    {
        var outcome = await DemoAsync("fedora", "42", "Fedora Linux 42", "--dry-run");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("this is Fedora Linux 42").And.Contain("dotnet-sdk-10.0");
    }

    private Task<Installer.Outcome> DemoAsync(string id, string version, string name, params string[] options) =>
        Installer.RunProgramAsync(
            Requirement.Program("bash"),
            [RepositoryRoot.Combine("install.sh"), "demo", .. options],
            [
                ("PATH", _machine.Combine("bin")),
                ("OS_RELEASE", _machine.Write($"ID={id}\nVERSION_ID=\"{version}\"\nPRETTY_NAME=\"{name}\"\n", "os-release")),
                ("SERVICE_POLICY", "/usr/sbin/none-yet"),
            ]);

    private void AddApt(bool offersSdk)
    {
        _machine.Program("#!/bin/bash\nexit 1\n", "bin", "apt-get");
        _machine.Program("#!/bin/bash\nexit 1\n", "bin", "dpkg-query");
        _machine.Program($"#!/bin/bash\n{(offersSdk ? "echo Package: $2" : "exit 100")}\n", "bin", "apt-cache");
    }

    /// <summary>The same for root and for others, and for any temporary file.</summary>
    private static string Neutral(Installer.Outcome outcome) => string.Join('\n', outcome.Neutral
        .Replace("would run: sudo ", "would run: ", StringComparison.Ordinal)
        .Split('\n')
        .Select(line => System.Text.RegularExpressions.Regex.Replace(line, @"/[^ ]*/tmp\.[A-Za-z0-9]+", "TEMPORARY")));
}
