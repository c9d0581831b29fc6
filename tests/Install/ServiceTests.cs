using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>Installing from a published folder below another root: the files, what a second run changes, and their removal.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly TemporaryFolder _published = new();
    private readonly TemporaryFolder _root = new();

    public ServiceTests()
    {
        foreach (var role in (string[])["agent", "collector"])
        {
            _published.Program("#!/bin/sh\n", role, $"gpu-{role}");
            _published.Write("# first default\n", role, $"{role}.yaml");
        }
    }

    public void Dispose()
    {
        _published.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task An_agent_consists_of_program_configuration_unit_and_links()
    {
        _published.Program("#!/bin/sh\n", "agent", "gpu-run");
        await InstallAsync("agent");

        _root.Contents.Should().Equal(
            "etc/gpu-agent/agent.env",
            "etc/gpu-agent/agent.yaml",
            "etc/gpu-agent/rules.d/README",
            "etc/systemd/system/gpu-agent.service",
            "etc/systemd/system/multi-user.target.wants/gpu-agent.service",
            "opt/gpu-monitoring/agent/.defaults/README",
            "opt/gpu-monitoring/agent/.defaults/agent.env",
            "opt/gpu-monitoring/agent/.defaults/agent.yaml",
            "opt/gpu-monitoring/agent/agent.yaml",
            "opt/gpu-monitoring/agent/gpu-agent",
            "opt/gpu-monitoring/agent/gpu-run",
            "usr/local/bin/gpu-agent",
            "usr/local/bin/gpu-run");
        File.ReadAllText(_root.Combine("etc/systemd/system/gpu-agent.service"))
            .Should().Be(File.ReadAllText(RepositoryRoot.Combine("packaging", "systemd", "gpu-agent.service")));
    }

    [Fact]
    public async Task A_second_run_says_and_changes_nothing()
    {
        await InstallAsync("collector");
        var before = Directory.GetLastWriteTimeUtc(_root.Combine("opt/gpu-monitoring/collector"));

        var second = await InstallAsync("collector");

        second.Output.Should().Be($"Installed the collector below {_root.Path}\n");
        Directory.GetLastWriteTimeUtc(_root.Combine("opt/gpu-monitoring/collector")).Should().Be(before);
    }

    [Fact]
    public async Task A_configuration_that_nobody_changed_follows_the_default()
    {
        await InstallAsync("agent");
        _published.Write("# second default\n", "agent", "agent.yaml");

        await InstallAsync("agent");

        Configuration("agent.yaml").Should().Be("# second default\n");
        File.Exists(_root.Combine("etc/gpu-agent/agent.yaml.new")).Should().BeFalse();
    }

    [Fact]
    public async Task A_changed_configuration_is_kept_and_a_new_default_is_put_beside_it_once()
    {
        await InstallAsync("agent");
        _root.Write("node: mine\n", "etc/gpu-agent/agent.yaml");
        await InstallAsync("agent");
        File.Exists(_root.Combine("etc/gpu-agent/agent.yaml.new")).Should().BeFalse("the default is still the one that was changed");

        _published.Write("# second default\n", "agent", "agent.yaml");
        var second = await InstallAsync("agent");
        File.Delete(_root.Combine("etc/gpu-agent/agent.yaml.new"));
        await InstallAsync("agent");

        second.Output.Should().Contain("keeps your changes; the new default is");
        Configuration("agent.yaml").Should().Be("node: mine\n");
        File.Exists(_root.Combine("etc/gpu-agent/agent.yaml.new")).Should().BeFalse("it was read and deleted");
    }

    [Fact]
    public async Task Files_that_a_newer_program_lacks_are_gone_after_the_update()
    {
        _published.Write("old", "agent", "Old.dll");
        await InstallAsync("agent");
        File.Delete(_published.Combine("agent", "Old.dll"));

        await InstallAsync("agent");

        _root.Contents.Should().NotContain(path => path.EndsWith("Old.dll") || path.Contains(".old") || path.Contains(".new"));
    }

    [Fact]
    public async Task Another_prefix_stands_in_the_unit_and_in_the_link()
    {
        await InstallAsync("agent", "--prefix", "/srv/gpu");

        File.ReadAllText(_root.Combine("etc/systemd/system/gpu-agent.service")).Should()
            .Contain("ExecStart=/srv/gpu/agent/gpu-agent run --config /etc/gpu-agent/agent.yaml\n")
            .And.Contain("ExecStartPre=+-/srv/gpu/agent/create-device-files\n")
            .And.NotContain("/opt/");
        new FileInfo(_root.Combine("usr/local/bin/gpu-agent")).LinkTarget.Should().Be("/srv/gpu/agent/gpu-agent");
    }

    [Fact]
    public async Task The_rights_of_captures_come_and_go_by_order_alone()
    {
        const string DropIn = "etc/systemd/system/gpu-agent.service.d/captures.conf";
        await InstallAsync("agent");
        _root.Contents.Should().NotContain(DropIn);

        await InstallAsync("agent", "--captures");
        File.ReadAllText(_root.Combine(DropIn)).Should().Be(File.ReadAllText(RepositoryRoot.Combine("packaging", "systemd", "captures.conf")));
        _root.Write("of an older version", DropIn);
        await InstallAsync("agent");
        File.ReadAllText(_root.Combine(DropIn)).Should().Contain("User=root", "an update keeps the rights and renews them");

        await InstallAsync("agent", "--no-captures");
        _root.Contents.Should().NotContain(DropIn);
    }

    [Fact]
    public async Task Uninstall_finds_the_prefix_and_keeps_what_a_person_wrote()
    {
        await InstallAsync("agent", "--prefix", "/srv/gpu");

        var outcome = await Installer.RunAsync("uninstall", "agent", "--root", _root.Path);

        outcome.Output.Should().Contain("Kept:");
        _root.Contents.Where(path => path.Contains("gpu")).Should().Equal("etc/gpu-agent/agent.env", "etc/gpu-agent/agent.yaml", "etc/gpu-agent/rules.d/README");
    }

    [Fact]
    public async Task Uninstall_with_purge_leaves_nothing()
    {
        await InstallAsync("agent");
        await InstallAsync("collector");
        _root.Write("x", "var/lib/private/gpu-agent/counters");
        _root.Write("x", "etc/systemd/system/gpu-agent.service.d/override.conf");

        var outcome = await Installer.RunAsync("uninstall", "--purge", "--root", _root.Path);

        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Errors = "", Output = "Removed the agent\nRemoved the collector\n" });
        _root.Contents.Should().NotContain(path => path.Contains("gpu"));
    }

    [Fact]
    public async Task Uninstall_of_what_is_not_there_says_so()
    {
        var outcome = await Installer.RunAsync("uninstall", "agent", "--root", _root.Path);

        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Output = "The agent is not installed: nothing to remove\n" });
    }

    [Fact]
    public async Task A_foreign_program_of_the_same_name_is_not_replaced()
    {
        _root.Write("mine", "usr/local/bin/gpu-agent");

        var outcome = await Installer.RunAsync("agent", "--root", _root.Path, "--from", _published.Path);

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("exists and is not a link of this installer").And.Contain("remedy:");
        File.ReadAllText(_root.Combine("usr/local/bin/gpu-agent")).Should().Be("mine");
    }

    [Fact]
    public async Task A_dry_run_touches_nothing()
    {
        var outcome = await Installer.RunAsync("agent", "--root", _root.Path, "--from", _published.Path, "--dry-run");

        outcome.ExitCode.Should().Be(0);
        GoldenFile.Check(
            "install-agent-dry-run.txt",
            outcome.Neutral.Replace(_root.Path, "ROOT", StringComparison.Ordinal).Replace(_published.Path, "PUBLISHED", StringComparison.Ordinal));
        _root.Contents.Should().BeEmpty();
    }

    [Fact]
    public async Task A_folder_without_the_program_is_refused()
    {
        var outcome = await Installer.RunAsync("agent", "--root", _root.Path, "--from", _root.Path);

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain($"{_root.Path}/agent/gpu-agent does not exist").And.Contain("./install.sh publish DIR");
    }

    private string Configuration(string name) => File.ReadAllText(_root.Combine("etc/gpu-agent", name));

    private async Task<Installer.Outcome> InstallAsync(string role, params string[] more)
    {
        var outcome = await Installer.RunAsync([role, "--root", _root.Path, "--from", _published.Path, .. more]);
        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" });
        return outcome;
    }
}
