using System.Runtime.Versioning;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>Whose daemons are ended, over a procfs of files.</summary>
[SupportedOSPlatform("linux")]
public sealed class OrphanSweepTests : IDisposable
{
    private const string Session = "agent-0123456789abcdef";

    // No process has such a number.
    private const string Pid = "999999999";

    private readonly string folder = Directory.CreateTempSubdirectory("orphans-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("2", "1", false)]
    [InlineData("1", "2", false)]
    public async Task The_program_of_a_process_that_only_says_it_is_a_daemon_of_ours_is_not_run_from_other_namespaces(string pid, string mount, bool isRun)
    {
        var mark = Path.Combine(folder, "ran");
        var program = Path.Combine(folder, "nsys");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\necho \"$@\" >{mark}\nrm -rf {folder}/proc/{Pid}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Process("self", "1", "1", "", program);
        Process(Pid, pid, mount, $"nsys\0--start-agent\0--session-name={Session}\0", program);
        var processes = new NsysProcesses(Path.Combine(folder, "proc"));

        await new OrphanSweep(processes, new NsysTool(new BoundedProgram(TimeProvider.System)), TimeProvider.System, NullLogger<OrphanSweep>.Instance).EndAsync(Session);

        File.Exists(mark).Should().Be(isRun);
        if (isRun) (await File.ReadAllTextAsync(mark, TestContext.Current.CancellationToken)).Should().Be($"shutdown --kill=none --session={Session}\n");
    }

    private void Process(string pid, string pidNamespace, string mountNamespace, string commandLine, string program)
    {
        var directory = Directory.CreateDirectory(Path.Combine(folder, "proc", pid, "ns")).Parent!.FullName;
        File.WriteAllText(Path.Combine(directory, "status"), "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
        File.WriteAllText(Path.Combine(directory, "cmdline"), commandLine);
        File.CreateSymbolicLink(Path.Combine(directory, "exe"), program);
        File.CreateSymbolicLink(Path.Combine(directory, "ns", "pid"), $"pid:[{pidNamespace}]");
        File.CreateSymbolicLink(Path.Combine(directory, "ns", "mnt"), $"mnt:[{mountNamespace}]");
    }
}
