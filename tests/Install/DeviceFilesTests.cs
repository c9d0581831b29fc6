using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>The step before the agent starts that creates missing NVIDIA device files.</summary>
public sealed class DeviceFilesTests : IDisposable
{
    private readonly TemporaryFolder _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Missing_files_of_present_gpus_are_created_and_no_others()
    {
        AddGpu("0000:1b:00.0", minor: 0);
        AddGpu("0000:62:00.0", minor: 5);
        _node.Write("", "dev", "nvidia0");

        (await RunAsync(withTool: true)).ExitCode.Should().Be(0);

        _node.Contents.Where(path => path.StartsWith("dev/")).Should().Equal("dev/nvidia0", "dev/nvidia5", "dev/nvidiactl");
    }

    [Fact]
    public async Task A_node_without_the_tool_goes_on()
    {
        AddGpu("0000:1b:00.0", minor: 0);
        Directory.CreateDirectory(_node.Combine("dev"));

        (await RunAsync(withTool: false)).Should().BeEquivalentTo(new { ExitCode = 0, Output = "", Errors = "" });

        _node.Contents.Should().Contain("dev");
    }

    /// <summary>As the driver writes it: blanks and tabs behind the colon.</summary>
    private void AddGpu(string busAddress, int minor) => _node.Write(
        $"Model: \t\t NVIDIA H100 80GB HBM3\nDevice Minor: \t {minor}\nGPU Excluded:\t No\n", "driver", "gpus", busAddress, "information");

    private Task<Installer.Outcome> RunAsync(bool withTool)
    {
        // Stands in for the setuid program: -c 255 is nvidiactl, another number a GPU.
        if (withTool)
            _node.Program($"#!/bin/sh\n[ \"$2\" = 255 ] && name=nvidiactl || name=nvidia$2\n: > {_node.Combine("dev")}/$name\n", "bin", "nvidia-modprobe");
        return Installer.RunProgramAsync(
            Requirement.Program("sh"),
            [RepositoryRoot.Combine("packaging", "systemd", "create-device-files"), _node.Combine("driver"), _node.Combine("dev")],
            [("PATH", _node.Combine("bin") + ":/usr/bin:/bin")]);
    }
}
