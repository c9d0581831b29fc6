using System.Runtime.Versioning;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>What is taken out of a folder of the job's user, who may lay anything there.</summary>
[SupportedOSPlatform("linux")]
public sealed class NsysSessionRecordingTests : IDisposable
{
    private const string Capture = "0123456789abcdef0123456789abcdef";
    private static readonly ProgramAnswer Stopped = new(0, "", "");

    private readonly string folder = Directory.CreateTempSubdirectory("session-").FullName;
    private readonly NsysUnderTest nsys = new("/nowhere/nsys");

    public void Dispose()
    {
        nsys.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Report => Path.Combine(Directory.CreateDirectory(Path.Combine(folder, OrphanSweep.SessionName(Capture))).FullName, "report.nsys-rep");

    private string Copy => Path.Combine(folder, "copy");

    [Theory]
    [InlineData(36, true)]
    [InlineData(34, false)]
    public async Task A_report_is_taken_up_to_the_limit(long bytes, bool isTaken)
    {
        await File.WriteAllTextAsync(Report, "NVIDIA Tegra Profiler Report 2025@1", TestContext.Current.CancellationToken);

        var trouble = await FetchAsync(new CopyLimit(bytes, "as it is set"));

        trouble.Should().Be(isTaken ? null : "the report of session gpu-run-1 was not taken: more than 34 bytes; as it is set");
        File.Exists(Copy).Should().Be(isTaken);
    }

    [Fact]
    public async Task A_report_without_end_fills_no_disk()
    {
        File.CreateSymbolicLink(Report, "/dev/zero");

        (await FetchAsync(new CopyLimit(1 << 20, "as it is set"))).Should().EndWith("more than 1048576 bytes; as it is set");

        File.Exists(Copy).Should().BeFalse("what was copied until then is removed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Without_room_nothing_is_copied(long bytes)
    {
        await File.WriteAllTextAsync(Report, "NVIDIA Tegra Profiler Report 2025@1", TestContext.Current.CancellationToken);

        (await FetchAsync(new CopyLimit(bytes, "the disk is full"))).Should().Be("the report of session gpu-run-1 was not taken: the disk is full");

        File.Exists(Copy).Should().BeFalse();
    }

    [Fact]
    public async Task Where_there_is_no_report_nsys_says_why() =>
        (await FetchAsync(new CopyLimit(1000, ""), new ProgramAnswer(1, "", "Connection refused"))).Should().Be("session gpu-run-1 made no report: Connection refused");

    private Task<string?> FetchAsync(CopyLimit limit, ProgramAnswer? stopped = null)
    {
        var agent = new NsysAgentProcess(1, "gpu-run-1", "/nowhere/nsys", 0, 0, folder, "", "");
        var session = new NsysJobSession(agent, new NsysPlace("/nowhere/nsys", [], folder), new NsysSession(1, NsysSession.Launched, "gpu-run-1"));
        return new NsysSessionRecording(nsys.Tool, nsys.Orphans, nsys.Settings, session, Capture).FetchAsync(stopped ?? Stopped, Copy, limit);
    }
}
