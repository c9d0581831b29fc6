using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>Processes of a demo: what remains of them when they end, and that nothing remains of them otherwise.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-demo-test-");
    private readonly ChildStarter _starter = new();

    public void Dispose()
    {
        _starter.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_last_words_of_a_dead_process_are_kept()
    {
        await using var child = await StartAsync("for line in $(seq 30); do echo line $line; done; echo bad >&2; exit 3");

        var epitaph = await child.EpitaphAsync();

        epitaph.Should().StartWith("child ended with exit code 3; its last words:").And.Contain("    bad").And.Contain("    line 30").And.NotContain("line 5\n");
        (await File.ReadAllTextAsync(LogPath)).Should().Contain("line 1\n");
    }

    [Fact]
    public async Task Stopping_asks_first()
    {
        await using var child = await StartAsync("trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
        await LogHoldsAsync("ready");

        await child.StopAsync();

        child.ExitCode.Should().Be(0);
        (await File.ReadAllTextAsync(LogPath)).Should().Contain("asked");
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_named()
    {
        await using var child = await ChildProcess.StartAsync(_starter, "agent", "/nowhere/gpu-agent", [], LogPath, TimeProvider.System);

        (await child.EpitaphAsync()).Should().Contain("/nowhere/gpu-agent");
    }

    [Fact]
    public async Task A_child_dies_with_the_thread_that_started_it()
    {
        // The kernel does the same when the whole demo is killed: what counts is that the signal is set.
        var starter = new ChildStarter();
        await using var child = await StartAsync("echo ready; exec sleep 1000", starter);
        await LogHoldsAsync("ready");

        starter.Dispose();

        await child.Exited.WaitAsync(Eventually.Patience);
        child.ExitCode.Should().Be(128 + 9);
    }

    [Fact]
    public void The_directory_of_a_killed_demo_is_deleted_by_the_next()
    {
        using var dead = Process.Start("true");
        dead.WaitForExit();
        var abandoned = Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"gpu-demo-{dead.Id}-"));

        string own;
        using (var directory = DemoDirectory.Create(named: null))
        {
            own = directory.Path;
            Directory.Exists(directory.Inside("a", "b")).Should().BeTrue();
        }

        Directory.Exists(abandoned.FullName).Should().BeFalse();
        Directory.Exists(own).Should().BeFalse();
        _folder.Refresh();
        _folder.Exists.Should().BeTrue("its name holds no process id");
    }

    [Fact]
    public void A_directory_that_was_named_stays()
    {
        using (DemoDirectory.Create(_folder.FullName))
        {
        }

        Directory.Exists(_folder.FullName).Should().BeTrue();
    }

    private string LogPath => Path.Combine(_folder.FullName, "child.log");

    private Task<ChildProcess> StartAsync(string script, ChildStarter? starter = null) =>
        ChildProcess.StartAsync(starter ?? _starter, "child", "bash", ["-c", script], LogPath, TimeProvider.System);

    private Task LogHoldsAsync(string text) => Eventually.HoldsAsync($"the log says '{text}'", () => File.Exists(LogPath) && File.ReadAllText(LogPath).Contains(text, StringComparison.Ordinal));
}
