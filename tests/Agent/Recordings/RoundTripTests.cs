using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Recordings;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;
using Monitoring.Simulator.Playback;
using Xunit;

namespace Monitoring.Tests.Agent.Recordings;

/// <summary>What was recorded, played through the simulated driver and recorded again, is what it was.</summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class RoundTripTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    // Means over an interval between two readings, whose borders differ by a tick; counters that clients add up from polled states; the rest that tells of the agent.
    private static readonly string[] Means =
    [
        "gpu_sm_active_ratio", "gpu_sm_occupancy_ratio", "gpu_tensor_active_ratio", "gpu_dram_active_ratio", "gpu_fp64_active_ratio", "gpu_fp32_active_ratio", "gpu_fp16_active_ratio",
        "gpu_integer_active_ratio", "gpu_graphics_active_ratio", "gpu_pcie_transmit_bytes_per_second", "gpu_pcie_receive_bytes_per_second",
    ];

    private static readonly (string Kind, string Source, string Line)[] Lines =
    [
        (EventKinds.Xid, "kmsg", "NVRM: Xid (PCI:0000:62:00): 31, pid=77, name=train, MMU Fault"),
        (EventKinds.Sxid, "journal", "nvidia-nvswitch0: SXid (PCI:0000:c3:00.0): 20034, Fatal, Link 28 LTSSM Fault Up"),
        (EventKinds.PcieAer, "kmsg", "nvidia 0000:62:00.0: AER: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)"),
        (EventKinds.OomKill, "kmsg", "Out of memory: Killed process 3100000 (python3) total-vm:8kB, anon-rss:7kB"),
        (EventKinds.Fabric, "fabric_manager", "fabric manager says something"),
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("gpu-recording-").FullName;

    [Theory]
    [InlineData("h100")]
    [InlineData("a100")]
    [InlineData("t4")]
    [InlineData("b200")]
    public void Every_series_of_every_gpu_agrees(string profile)
    {
        var first = Path.Combine(folder, "first.gpurec");
        var second = Path.Combine(folder, "second.gpurec");
        using (var machine = new SimulatedDriver(profile, gpus: 2))
        {
            machine.Node.Gpus[1].AddEccErrors(Monitoring.Simulator.EccError.Corrected, Monitoring.Simulator.EccLocation.Dram, 12);
            machine.Node.Gpus[1].AddPcieReplays(3);
            Record(machine, first, turn =>
            {
                if (turn == 100) machine.Node.StartIncident("power_brake", 0);
                if (turn == 150 && machine.Node.Gpus[1].LinkCount > 0) machine.Node.StartIncident("nvlink_errors", 1);
            });
        }
        var contents = RecordingContents.Of(first);
        contents.Trouble.Should().BeEmpty();
        contents.ProfileName().Should().Be(profile);
        contents.Gpus.Should().HaveCount(2);
        using (var machine = new SimulatedDriver(profile, gpus: 2))
        {
            machine.Node.Play(first, contents, loop: false);
            machine.Node.Advance(TimeSpan.FromMilliseconds(1));
            Record(machine, second, static _ => { });
            machine.Node.Gpus[0].Uuid.Should().Be(contents.Gpus[0].Uuid);
        }

        var (before, after) = (Series(first), Series(second));
        after.Keys.Should().BeEquivalentTo(before.Keys);
        foreach (var (name, values) in before)
        {
            var played = after[name];
            var range = Math.Max(1e-3, values.Where(double.IsFinite).DefaultIfEmpty().Max() - values.Where(double.IsFinite).DefaultIfEmpty().Min());
            if (Means.Any(name.Contains))
                Mean(played).Should().BeApproximately(Mean(values), 0.1 * Math.Abs(Mean(values)) + 0.05 * range, name);
            else
                Distance(values, played).Should().BeLessThanOrEqualTo(2, "{0} follows within two ticks", name);
        }
    }

    [Fact]
    public void Lost_gpus_hung_calls_and_xids_are_played_at_their_time()
    {
        var path = Path.Combine(folder, "incidents.gpurec");
        using (var file = File.Create(path))
        {
            var writer = new RecordingWriter(file, new RecordingHeader("node-1", "test", "", "0.1.0", DateTimeOffset.UnixEpoch, 1000));
            var gpu = writer.Add(new RecordedLayout(new RecordedGpu(0, "GPU-recorded", "123", "00000000:62:00.0", "NVIDIA H100 80GB HBM3"), [new("gpu_power_watts", [], 0), new("gpu_processes", [], 1)]));
            var node = writer.Add(new RecordedLayout(null, [new("gpu_agent_driver_call_stuck_seconds", [new("gpu", "0")], 0)]));
            writer.Add(node, new RecordedStamp(0, 0, 0, 7), [0]);
            writer.Add(gpu, new RecordedStamp(0, 0, 0, 7), [321.5, 3]);
            writer.Add(gpu, new RecordedStamp(1, 0, 1000, 7), [322.5, 1]);
            writer.Add(new EventRecord { Id = EventId.Of("1"), Time = DateTimeOffset.UnixEpoch, Node = "node-1", Kind = EventKinds.Xid, Code = 48, Title = "XID 48", Gpu = new GpuReference(0) });
            foreach (var (kind, source, line) in Lines)
                writer.Add(new EventRecord { Id = EventId.Of(line), Time = DateTimeOffset.UnixEpoch, Node = "node-1", Kind = kind, Code = kind == EventKinds.Xid ? 31 : null, Title = line, Gpu = new GpuReference(0), Evidence = new EventEvidence { Sources = [source], RawLine = line } });
            writer.Add(node, new RecordedStamp(1, 0, 2000, 7), [1.5]);
            writer.Add(node, new RecordedStamp(2, 0, 3000, 7), [0]);
            writer.End(gpu);
            writer.End();
        }
        using var machine = new SimulatedDriver("h100", gpus: 1);
        var played = machine.Node.Gpus[0];
        machine.Node.Play(path, RecordingContents.Of(path), loop: false);

        machine.Node.Advance(TimeSpan.FromMilliseconds(500));
        (played.PowerMilliwatts, played.Uuid, played.ProcessIds.Count, machine.Node.RaisedEvents).Should().Be((321_500u, "GPU-recorded", 3, 0ul));
        machine.Node.Advance(TimeSpan.FromMilliseconds(600));
        (played.PowerMilliwatts, played.ProcessIds.Count, machine.Node.RaisedEvents).Should().Be((322_500u, 1, 2ul));
        var log = File.ReadAllText(machine.Node.KernelLogPath);
        foreach (var (_, source, line) in Lines) log.Contains(line).Should().Be(source != "fabric_manager");
        log.Split("Xid (PCI:0000:62:00): 31").Should().HaveCount(2, "the line that was recorded takes the place of the one that the driver would write");
        machine.Node.Advance(TimeSpan.FromSeconds(1));
        played.Hang.Should().BeTrue();
        machine.Node.HasPlayed.Should().BeFalse();
        machine.Node.Advance(TimeSpan.FromSeconds(1));
        (played.Hang, played.IsLost, machine.Node.HasPlayed).Should().Be((false, true, true));

        var injected = () => machine.Node.StartIncident("straggler", 0);
        injected.Should().Throw<ArgumentException>().WithMessage("*plays a recording*");
    }

    [Fact]
    public void A_loop_begins_again()
    {
        var path = Path.Combine(folder, "loop.gpurec");
        using (var file = File.Create(path))
        {
            var writer = new RecordingWriter(file, new RecordingHeader("node-1", "test", "", "0.1.0", DateTimeOffset.UnixEpoch, 1000));
            var gpu = writer.Add(new RecordedLayout(new RecordedGpu(0, "GPU-recorded"), [new("gpu_power_watts", [], 0)]));
            for (var second = 0; second < 4; second++) writer.Add(gpu, new RecordedStamp(second, 0, 1000 * second, 7), [100 + second]);
            writer.End();
        }
        using var machine = new SimulatedDriver("h100", gpus: 1);
        machine.Node.Play(path, RecordingContents.Of(path), loop: true);
        var seen = new List<uint?>();
        for (var second = 0; second < 8; second++)
        {
            machine.Node.Advance(TimeSpan.FromMilliseconds(50));
            seen.Add(machine.Node.Gpus[0].PowerMilliwatts / 1000);
            machine.Node.Advance(TimeSpan.FromMilliseconds(950));
        }
        seen.Should().Contain([100, 101, 102]);
        seen.Skip(4).Should().Contain(101);
        machine.Node.HasPlayed.Should().BeFalse();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void Record(SimulatedDriver machine, string path, Action<int> happen)
    {
        GpuSampler[] samplers = [Sampler(machine, 0), Sampler(machine, 1)];
        FrameSource[] sources = [.. samplers.Select((sampler, index) => new FrameSource(new GpuSubject(index, machine.Node.Gpus[index].Uuid, "", "", machine.Node.Profile.GpuName), sampler.Sets[0]))];
        using var file = File.Create(path);
        var writer = new RecordingWriter(file, new RecordingHeader("node-1", "test", "", "0.1.0", machine.Time.GetUtcNow(), machine.Time.TimestampFrequency));
        var recorder = new NodeRecorder(writer, () => sources, new NodeReadings(), machine.Time);
        for (var turn = 0; turn < 300; turn++)
        {
            happen(turn);
            foreach (var sampler in samplers) sampler.Tick();
            recorder.Turn();
            machine.Node.Advance(Tick);
            machine.Time.Advance(Tick);
        }
        writer.End();
    }

    private static GpuSampler Sampler(SimulatedDriver machine, int gpu)
    {
        Assert.Equal(Monitoring.Agent.Devices.Nvml.NvmlReturn.Success, machine.Library.DeviceHandle(gpu, out var device));
        return new GpuSampler(new Monitoring.Agent.Devices.Nvml.NvmlGpu(machine.Library, device, gpu, machine.Clock, machine.Time), "test", "node-1", machine.Settings, machine.Time);
    }

    private static Dictionary<string, List<double>> Series(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new RecordingReader(file);
        var series = new Dictionary<string, List<double>>();
        while (reader.Read() is not RecordingItem.End and var item)
        {
            if (item != RecordingItem.Frame || reader.Layout.Gpu is not { } gpu) continue;
            for (var place = 0; place < reader.Values.Length; place++)
            {
                var name = reader.Layout.Series[place];
                // Polled by the client and added up: what it was before the recording is not in the driver.
                if (name.Metric == "gpu_throttle_seconds_total") continue;
                var key = $"{gpu.Index} {name.Metric} {string.Join(',', name.Labels.Select(static label => label.Value))}";
                if (!series.TryGetValue(key, out var values)) series.Add(key, values = []);
                values.Add(reader.Values[place]);
            }
        }
        return series;
    }

    private static double Mean(List<double> values) => values.Where(double.IsFinite).Skip(20).DefaultIfEmpty().Average();

    /// <summary>How many ticks a value may be early or late so that every value of one list is in the other.</summary>
    private static int Distance(List<double> before, List<double> after)
    {
        for (var ticks = 0; ticks < 30; ticks++)
        {
            var agrees = true;
            for (var place = 30; place < before.Count - 30 && agrees; place++)
                agrees = Enumerable.Range(place - ticks, 2 * ticks + 1).Any(other => before[place].Equals(after[other]));
            if (agrees) return ticks;
        }
        return int.MaxValue;
    }
}
