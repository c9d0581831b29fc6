using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Dcgm;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Dcgm;

/// <summary>Against a dcgmi that writes down what it is asked.</summary>
public sealed class ProfilingPauseTests : IDisposable
{
    private static readonly CapturedGpu[] Ampere = [new(0, "GPU-0", Architecture: "ampere")];
    private static readonly CapturedGpu[] Hopper = [new(0, "GPU-0", Architecture: "hopper")];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dcgm-");
    private readonly ManualTimeProvider time = new();

    public ProfilingPauseTests()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "proc", "42"));
        File.WriteAllText(Path.Combine(folder.FullName, "proc", "42", "comm"), "nv-hostengine\n");
        Answer(pause: 0, resume: 0);
    }

    [Fact]
    public async Task Counters_of_ampere_are_taken_and_given_back()
    {
        using var pause = Create();

        (await pause.PauseAsync("id", Ampere, TimeSpan.FromMinutes(1))).Should().Be("DCGM's profiling was paused");
        File.Exists(Lease).Should().BeTrue();
        await pause.ResumeAsync();

        Asked.Should().Equal("profile --pause", "profile --resume");
        File.Exists(Lease).Should().BeFalse();
        await pause.ResumeAsync();
        Asked.Should().HaveCount(2);
    }

    [Fact]
    public async Task Hopper_needs_no_pause_and_neither_does_a_node_without_a_host_engine()
    {
        using var pause = Create();
        (await pause.PauseAsync("id", Hopper, TimeSpan.FromMinutes(1))).Should().BeEmpty();
        File.WriteAllText(Path.Combine(folder.FullName, "proc", "42", "comm"), "bash\n");
        (await pause.PauseAsync("id", Ampere, TimeSpan.FromMinutes(1))).Should().BeEmpty();

        Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task The_lease_ends_by_itself()
    {
        using var pause = Create();
        await pause.PauseAsync("id", Ampere, TimeSpan.FromMinutes(1));

        time.Advance(TimeSpan.FromMinutes(1));

        Eventually.Holds("the counters are given back", () => !pause.IsPaused && !File.Exists(Lease));
        Asked.Should().Equal("profile --pause", "profile --resume");
    }

    [Fact]
    public async Task A_lease_that_a_sudden_end_left_is_given_back_at_the_next_start()
    {
        using (var killed = Create()) await killed.PauseAsync("id", Ampere, TimeSpan.FromMinutes(1));
        using var pause = Create();

        await pause.RecoverAsync();

        Asked.Should().Equal("profile --pause", "profile --resume");
        File.Exists(Lease).Should().BeFalse();
    }

    [Fact]
    public async Task A_pause_that_failed_is_taken_back_all_the_same()
    {
        Answer(pause: 3, resume: 0);
        using var pause = Create();

        (await pause.PauseAsync("id", Ampere, TimeSpan.FromMinutes(1))).Should().Be("DCGM's profiling could not be paused: said 3");

        Asked.Should().Equal("profile --pause", "profile --resume");
        pause.IsPaused.Should().BeFalse();
    }

    [Fact]
    public async Task Giving_back_is_tried_until_it_works()
    {
        using var pause = Create();
        await pause.PauseAsync("id", Ampere, TimeSpan.FromMinutes(5));
        Answer(pause: 0, resume: 1);
        await pause.ResumeAsync();
        (pause.IsPaused, File.Exists(Lease)).Should().Be((true, true));

        Answer(pause: 0, resume: 0);
        time.Advance(TimeSpan.FromMinutes(1));

        Eventually.Holds("the counters are given back", () => !pause.IsPaused && !File.Exists(Lease));
        Asked.Should().Equal("profile --pause", "profile --resume", "profile --resume");
    }

    [Fact]
    public async Task A_dcgmi_that_is_not_there_pauses_nothing()
    {
        using var pause = new ProfilingPause(new DcgmTool("/nowhere/dcgmi", time), Path.Combine(folder.FullName, "proc"), Disk, time, NullLogger<ProfilingPause>.Instance);

        (await pause.PauseAsync("id", Ampere, TimeSpan.FromMinutes(1))).Should().Contain("cannot be started");
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string Lease => Path.Combine(folder.FullName, "captures", ProfilingPause.LeaseFile);

    private CaptureDisk Disk => new(Path.Combine(folder.FullName, "captures"), static _ => null);

    private string[] Asked => File.Exists(Path.Combine(folder.FullName, "asked")) ? File.ReadAllLines(Path.Combine(folder.FullName, "asked")) : [];

    private ProfilingPause Create() => new(new DcgmTool(Path.Combine(folder.FullName, "dcgmi"), time), Path.Combine(folder.FullName, "proc"), Disk, time, NullLogger<ProfilingPause>.Instance);

    private void Answer(int pause, int resume)
    {
        var path = Path.Combine(folder.FullName, "dcgmi");
        // A file that runs cannot be written.
        File.WriteAllText(path + ".new", $"#!/bin/sh\necho \"$@\" >> {folder.FullName}/asked\n[ \"$2\" = --pause ] && code={pause} || code={resume}\n[ $code = 0 ] || echo said $code\nexit $code\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(path + ".new", path, overwrite: true);
    }
}
