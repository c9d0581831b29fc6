using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

public sealed class NsysSessionTests
{
    [Fact]
    public void The_table_is_read_with_its_states() =>
        NsysSession.Read("""
                          ID         TIME                       STATE LAUNCH NAME
                     1026730        00:07                     Started      0 agent-abc
                     1126775     01:00:02        SystemWideCollection      0 agent-abd
                         108        00:02                    Launched     12 gpu-run-77_1-4242
            """).Should().Equal(new NsysSession(1026730, "Started", "agent-abc"), new NsysSession(1126775, "SystemWideCollection", "agent-abd"), new NsysSession(108, "Launched", "gpu-run-77_1-4242"));

    [Theory]
    [InlineData("")]
    [InlineData("              ID         TIME                       STATE LAUNCH NAME\n")]
    [InlineData("There are no active sessions.\n")]
    [InlineData("1 2 3 4\n")]
    [InlineData("x1 00:01 Launched 0 name\n")]
    [InlineData("1 00:01 Launched many name\n")]
    public void What_is_no_session_is_none(string text) => NsysSession.Read(text).Should().BeEmpty();

    [Fact]
    public void The_real_program_is_understood()
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Requirement.Nsys(), ["start", "--help"]) { RedirectStandardOutput = true })!;
        var options = NsysOptions.Read(process.StandardOutput.ReadToEnd());

        options.Count.Should().BeGreaterThan(20);
        foreach (var name in (string[])["session-new", "session", "sample", "cpuctxsw", "output", "force-overwrite"]) options.Has(name).Should().BeTrue(name);
        options.GpuMetrics.Should().BeOneOf("gpu-metrics-device", "gpu-metrics-devices");
    }

    [Theory]
    [InlineData("\t--gpu-metrics-device=\n\n\t   help of --other-thing=x\n", "gpu-metrics-device")]
    [InlineData("\t--gpu-metrics-devices=<none|all|ids>\n\t--gpu-metrics-frequency=\n", "gpu-metrics-devices")]
    [InlineData("\t-o, --output=\n\t(Experimental) --ib-switch-metrics-device=<GUID>\n", null)]
    public void Options_are_those_that_a_line_begins_with(string help, string? gpuMetrics)
    {
        var options = NsysOptions.Read(help);

        options.GpuMetrics.Should().Be(gpuMetrics);
        options.Has("other-thing").Should().BeFalse();
        options.IfKnown("other-thing", "x").Should().BeEmpty();
    }

    [Fact]
    public void Experimental_options_and_those_with_a_letter_are_options_too() =>
        NsysOptions.Read("\t-o, --output=\n\t(Experimental) --ib-switch-metrics-device=<GUID>\n").Should().Match<NsysOptions>(options => options.Has("output") && options.Has("ib-switch-metrics-device"));
}
