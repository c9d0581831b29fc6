using FluentAssertions;
using Monitoring.Contracts.Recordings;
using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Tests.Agent.Commands;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>The programs <c>gpu-agent record</c> and <c>gpu-agent replay</c> on a simulated node.</summary>
public sealed class RecordingEndToEndTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly string folder = Directory.CreateTempSubdirectory("record-").FullName;

    [Fact]
    public async Task An_incident_is_recorded_with_its_events_until_Ctrl_C_and_fires_its_rule_in_a_replay()
    {
        var file = Path.Combine(folder, "incident.gpurec");
        var rules = Path.Combine(folder, "rules.yaml");
        await File.WriteAllTextAsync(rules, "rules:\n  busy: { when: { threshold: { metric: gpu_power_watts, is: \"> 1\" } }, for: 2s }\n");
        using var node = SimulatedNode.Create(Path.Combine(folder, "node"), NodeProfile.Load("h100"), 2, seed: 1);
        node.Advance(TimeSpan.FromSeconds(5));
        node.Gpus[0].RaiseEvent(GpuEventType.Xid, 48);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);

        // With job control, so that the program does not inherit that SIGINT is ignored.
        var recording = Installer.RunProgramAsync("bash", "-c", """set -m; "$@" & p=$!; while [ ! -e "$0" ]; do sleep 0.1; done; kill -INT $p; wait $p""",
            Path.Combine(folder, "end"), CheckCommandTests.Program, "record", file, "--set", "node=node-1", "--set", $"devices.nvml_library={node.LibraryPath}",
            "--set", $"devices.procfs={node.ProcfsPath}", "--set", $"devices.kernel_log={node.KernelLogPath}", "--set", "devices.fabric_manager_log=", "--set", $"state_directory={Path.Combine(folder, "state")}");
        await UntilAsync(node, "the recording reads the driver", () => recording.IsCompleted || (node.CallsOf("nvmlDeviceGetPowerUsage") > 60 && node.CallsOf("nvmlEventSetWait_v2") > 0));
        node.StartIncident("xid_79", gpu: 1);
        node.WriteKernelLine("nvidia-nvswitch0: SXid (PCI:0000:c3:00.0): 20034, Fatal, Link 28 LTSSM Fault Up");
        var until = TimeProvider.System.GetTimestamp();
        await UntilAsync(node, "three seconds pass", () => TimeProvider.System.GetElapsedTime(until) > TimeSpan.FromSeconds(3));
        await File.WriteAllTextAsync(Path.Combine(folder, "end"), "");
        var recorded = await recording;

        recorded.Should().BeEquivalentTo(new { ExitCode = 0 }, recorded.Errors);
        recorded.Output.Should().StartWith($"{file}: ").And.Contain("2 GPUs");
        Directory.Exists(Path.Combine(folder, "state")).Should().BeFalse("a recording keeps no state");
        var (events, trouble) = Read(file);
        trouble.Should().BeEmpty();
        events.Should().Contain("xid 79 1").And.Contain("sxid 20034 ").And.NotContain(static told => told.StartsWith("xid 48"), "that was before");

        var replayed = await Installer.RunProgramAsync(CheckCommandTests.Program, "replay", file, "--rules", rules, "--shipped");
        replayed.ExitCode.Should().Be(0, replayed.Errors);
        replayed.Output.Should().MatchRegex(@"fired +gpu_fallen_off_bus +GPU 1 +\[event\] 1 xid event \(79\) in 15m").And.MatchRegex("fired +nvswitch_fatal +node ").And.MatchRegex("fired +busy +GPU 0 ").And.NotContain("xid_memory_fatal +GPU");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static (List<string> Events, string Trouble) Read(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new RecordingReader(file);
        List<string> events = [];
        while (reader.Read() is not RecordingItem.End and var item)
            if (item == RecordingItem.Event && reader.Event is { } record) events.Add($"{record.Kind} {record.Code} {record.Gpu?.Index}");
        return (events, reader.Trouble);
    }

    private static Task UntilAsync(SimulatedNode node, string what, Func<bool> holds) => Eventually.HoldsAsync(what, () =>
    {
        node.Advance(Tick);
        return holds();
    }, Patience);
}
