using FluentAssertions;
using Monitoring.Agent.Devices.Kernel;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Kernel;

/// <summary>What the real procfs says of a process.</summary>
public sealed class ProcessFilesTests
{
    [Fact]
    public void Of_this_process_it_knows_name_arguments_environment_and_user()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "procfs is Linux's");
        var pid = Environment.ProcessId;
        ProcessFiles.NameOf("/proc", pid).Should().Be(File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n')).And.NotBeEmpty();
        ProcessFiles.ArgumentsOf("/proc", pid).Should().Equal(File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0'));
        ProcessFiles.EnvironmentOf("/proc", pid).Should().Contain(static entry => entry.Key == "PATH");
        ProcessFiles.UserIdOf("/proc", pid).Should().NotBeNull();
    }

    [Fact]
    public void Of_a_process_that_is_gone_it_knows_nothing()
    {
        ProcessFiles.NameOf("/proc", int.MaxValue).Should().BeEmpty();
        ProcessFiles.EnvironmentOf("/proc", int.MaxValue).Should().BeEmpty();
        ProcessFiles.UserIdOf("/proc", int.MaxValue).Should().BeNull();
    }
}
