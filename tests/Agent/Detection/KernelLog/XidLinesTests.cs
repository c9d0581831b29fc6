using System.Globalization;
using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.KernelLog;

/// <summary>Every line of the collection of published kernel lines is understood, or is on the list of those that are rightly ignored.</summary>
public sealed partial class XidLinesTests
{
    /// <summary>Parts of lines that make no event, and why.</summary>
    private static readonly (string Part, string Why)[] Ignored =
    [
        ("Severity 1 Engine instance", "continues the SXID before it"),
        ("Data {0x", "continues the SXID before it"),
        ("SXid (PCI:0000:00:00.0): xyz", "the code is no number"),
        ("SXid (invalid)", "there is no address and no code"),
        ("Xid (invalid)", "there is no address and no code"),
        (": INVALID, pid=1234", "the code is no number"),
        ("${pci_id}", "a shell script's variable in place of the address"),
        ("(PCI:{}): {}", "a format string in place of address and code"),
        ("{gpuPciBusId}", "a format string in place of address and code"),
    ];

    [Fact]
    public void Every_line_is_parsed_or_rightly_ignored()
    {
        var lines = File.ReadLines(Requirement.SharedData("xid", "xid-lines.tsv")).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t')[0]).ToList();
        lines.Should().HaveCountGreaterThan(150);
        var used = new HashSet<string>();

        foreach (var line in lines)
        {
            var sighting = KernelLines.Read(line);
            if (Ignored.FirstOrDefault(entry => line.Contains(entry.Part, StringComparison.Ordinal)) is { Part: { } part })
            {
                used.Add(part);
                sighting.Should().BeNull("{0}", line);
                continue;
            }
            // What stands in the line, found by other means than the detectors'.
            var expected = Plain().Match(line);
            expected.Success.Should().BeTrue("{0}", line);
            sighting.Should().NotBeNull("{0}", line);
            sighting!.Kind.Should().Be(expected.Groups["s"].Success ? EventKinds.Sxid : EventKinds.Xid, "{0}", line);
            sighting.Code.Should().Be(int.Parse(expected.Groups["code"].Value, CultureInfo.InvariantCulture), "{0}", line);
            (sighting.Gpu?.PciBusId ?? sighting.Details!["device"]).Should().StartWith(expected.Groups["pci"].Value, "{0}", line);
            sighting.RawLine.Should().Be(line);
            if (Process().Match(line) is { Success: true } process)
            {
                sighting.Process!.Pid.Should().Be(long.Parse(process.Groups["pid"].Value, CultureInfo.InvariantCulture), "{0}", line);
                if (process.Groups["name"].Success) sighting.Process.Name.Should().Be(process.Groups["name"].Value, "{0}", line);
            }
            else
                sighting.Process.Should().BeNull("{0}", line);
        }

        used.Should().BeEquivalentTo(Ignored.Select(static entry => entry.Part), "a reason that no line needs any more should go");
    }

    [Fact]
    public void A_process_name_with_colons_and_brackets_is_whole() =>
        KernelLines.Read("NVRM: Xid (PCI:0000:17:00): 119, pid=15822502, name=nvc:[driver], Timeout after 6s of waiting for RPC response from GPU0 GSP! Expected function 76 (GSP_RM_CONTROL) (0x20802a02 0x8).")!
            .Should().BeEquivalentTo(new { Process = new ProcessReference(15822502, "nvc:[driver]"), Severity = EventSeverity.Critical, Runbook = "GpuXidFatal" });

    [Fact]
    public void A_time_out_of_the_system_processor_names_the_call()
    {
        var details = KernelLines.Read("NVRM: Xid (PCI:0000:9b:00): 119, pid=2024380, name=nvidia-smi, Timeout after 6s of waiting for RPC response from GPU4 GSP! Expected function 103 (GSP_RM_ALLOC) (0x2081 0x4).")!.Details!;

        details["function"].Should().Be("103");
        details["function_name"].Should().Be("GSP_RM_ALLOC");
        details["waited_seconds"].Should().Be("6");
    }

    [Fact]
    public void A_graphics_exception_says_where()
    {
        var details = KernelLines.Read("NVRM: Xid (PCI:0000:38:00): 13, pid='<unknown>', name=<unknown>, Graphics SM Warp Exception on (GPC 9, TPC 5, SM 0): Out Of Range Address")!.Details!;

        details.Should().Contain("gpc", "9").And.Contain("tpc", "5").And.Contain("sm", "0");
    }

    [Fact]
    public void A_MIG_instance_is_kept_as_detail()
    {
        var sighting = KernelLines.Read("NVRM: Xid (PCI:0000:81:00 GPU-I:05): 13, pid=77, name=python3, Graphics Exception: ESR 0x546fb0=0x11f000e")!;

        sighting.Gpu!.PciBusId.Should().Be("0000:81:00.0");
        sighting.Details!["instance"].Should().Be("GPU-I:05");
    }

    [Theory]
    [InlineData("RLW_REMAP Fatal XC1 i0 Link 10 (0x00000082 0x00000040 0x00000000)", EventSeverity.Critical, "RESET_GPU", "10")]
    [InlineData("RLW_SRC_TRACK Nonfatal XC1 i0 Link 03 (0x040868e2 0x00000008 0x00000000)", EventSeverity.Warning, "XID_154_EVAL", "3")]
    [InlineData("RLW_RSPCOL Nonfatal XC0 i0 Link 00 (0x00000005 0x00000001 0x00000000)", EventSeverity.Info, "IGNORE", "0")]
    [InlineData("RLW_SRC_TRACK Nonfatal XC1 i0", EventSeverity.Warning, null, null)]
    public void An_NVLink_5_error_is_as_severe_as_it_says_and_decoded(string message, EventSeverity severity, string? immediate, string? link)
    {
        var sighting = KernelLines.Read($"NVRM: Xid (PCI:0019:01:00): 145, pid=876766, name=ray::WorkerDict, {message}")!;

        sighting.Severity.Should().Be(severity);
        sighting.Process.Should().Be(new ProcessReference(876766, "ray::WorkerDict"));
        sighting.Details!.GetValueOrDefault("immediate").Should().Be(immediate);
        sighting.Details!.GetValueOrDefault("link").Should().Be(link);
    }

    [Theory]
    [InlineData("GPU recovery action changed from 0x4 (Drain and Reset) to 0x1 (GPU Reset Required", EventSeverity.Critical, "gpu_reset")]
    [InlineData("GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)", EventSeverity.Critical, "node_reboot")]
    [InlineData("GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)", EventSeverity.Info, "none")]
    [InlineData("GPU recovery action", EventSeverity.Warning, null)]
    public void A_change_of_the_recovery_action_is_as_severe_as_what_is_asked_for(string message, EventSeverity severity, string? action)
    {
        var sighting = KernelLines.Read($"NVRM: Xid (PCI:0019:01:00): 154, {message}")!;

        sighting.Severity.Should().Be(severity);
        sighting.Details!.GetValueOrDefault("action").Should().Be(action);
    }

    [Fact]
    public void An_unknown_code_is_an_event_of_unknown_severity()
    {
        var sighting = KernelLines.Read("NVRM: Xid (PCI:0000:05:00): 99999, unknown error")!;

        sighting.Code.Should().Be(99999);
        sighting.Severity.Should().Be(EventSeverity.Unknown);
    }

    [Fact]
    public void The_log_of_a_real_time_out_gives_its_three_XIDs_and_nothing_for_the_lines_around_them()
    {
        var lines = File.ReadLines(Requirement.SharedData("node-files", "components", "accelerator", "nvidia", "xid", "testdata", "dmesg-with-xid-119.log"));

        var sightings = lines.Select(static line => KernelLines.Read(line)).OfType<Sighting>().ToList();

        sightings.Select(static sighting => (sighting.Kind, sighting.Code)).Should().OnlyContain(static pair => pair.Kind == EventKinds.Xid && pair.Code == 119).And.HaveCountGreaterThanOrEqualTo(1);
    }

    [GeneratedRegex(@"\b(?<s>S)?Xid \((?:PCI:)?(?<pci>[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2})(?:\.0)?\): (?<code>[0-9]+)")]
    private static partial Regex Plain();

    [GeneratedRegex(@"pid=(?<pid>[0-9]+)(?:, name=(?<name>[^,]+?)(?=,|$))?")]
    private static partial Regex Process();
}

/// <summary>Lines as detectors get them.</summary>
internal static class KernelLines
{
    internal static Sighting? Read(string text, LineContext? context = null) =>
        LineDetectors.Read(new KernelLine("kmsg", "1-0", DateTimeOffset.UnixEpoch, text), context ?? LineContext.None);
}
