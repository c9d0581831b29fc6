using System.Globalization;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Playback;

/// <summary>
/// Plays a recording through a simulated node in place of its model: every reading of the driver has its recorded value at its recorded
/// time, a GPU that went is lost, a driver call that hung hangs, XIDs are raised, lines of
/// the kernel are written into its log. Used under the node's lock.
/// </summary>
internal sealed class NodePlayback : IDisposable
{
    internal const string Devices = "gpu_devices";
    internal const string ProcessMemory = "gpu_process_memory_used_bytes";
    internal const string CallStuck = "gpu_agent_driver_call_stuck_seconds";

    // How an agent names the kernel's log as the source of an event.
    private static readonly string[] KernelSources = ["kmsg", "journal"];

    private const uint FirstPid = 3_100_000;
    private const uint PidsPerGpu = 100;

    private readonly SimulatedNode node;
    private readonly string path;
    private readonly bool loop;
    private readonly Dictionary<int, PlayedLayout> layouts = [];
    private FileStream file;
    private RecordingReader reader;
    private RecordingItem item;
    private TimeSpan position;
    private long? origin;

    internal NodePlayback(SimulatedNode node, string path, RecordingContents contents, bool loop)
    {
        (this.node, this.path, this.loop) = (node, path, loop);
        (file, reader) = Open();
        foreach (var (index, recorded) in contents.Gpus)
            if (index < node.Gpus.Count) node.Gpus[index].Write((ref state) => Identify(recorded, ref state));
    }

    /// <summary>True once everything was played; the readings then stay as they are.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Plays what became due.</summary>
    internal void Advance(TimeSpan step)
    {
        position += step;
        while (!HasEnded && IsDue())
        {
            Apply();
            Next();
        }
        foreach (var gpu in node.Gpus) gpu.Write((ref state) => gpu.Model.Hold(step.TotalSeconds, ref state));
    }

    public void Dispose() => file.Dispose();

    private (FileStream, RecordingReader) Open()
    {
        var opened = File.OpenRead(path);
        var read = new RecordingReader(opened);
        (origin, position) = (null, TimeSpan.Zero);
        layouts.Clear();
        item = read.Read();
        return (opened, read);
    }

    private void Next()
    {
        item = reader.Read();
        if (item != RecordingItem.End) return;
        if (!loop || origin is null)
        {
            HasEnded = true;
            return;
        }
        file.Dispose();
        (file, reader) = Open();
    }

    /// <summary>Everything but a frame comes with the frame before it.</summary>
    private bool IsDue()
    {
        if (item == RecordingItem.End) HasEnded = true;
        if (item != RecordingItem.Frame) return !HasEnded;
        origin ??= reader.Stamp.Timestamp;
        return (reader.Stamp.Timestamp - origin.Value) / (double)reader.Header.TimestampFrequency <= position.TotalSeconds;
    }

    private void Apply()
    {
        switch (item)
        {
            case RecordingItem.Layout:
                layouts[reader.LayoutNumber] = new PlayedLayout(reader.Layout, Gpu(reader.Layout.Gpu?.Index));
                break;
            case RecordingItem.Frame:
                PlayFrame(layouts[reader.LayoutNumber]);
                break;
            case RecordingItem.Gone:
                if (layouts.Remove(reader.LayoutNumber, out var gone) && gone.Gpu is { } lost && !layouts.Values.Any(other => other.Gpu == lost)) lost.IsLost = true;
                break;
            case RecordingItem.Event:
                PlayEvent(reader.Event!);
                break;
        }
    }

    private void PlayEvent(EventRecord record)
    {
        // What else was seen follows from the readings that are played.
        var line = record.Evidence.Sources.Any(KernelSources.Contains) ? record.Evidence.RawLine : null;
        if (line is not null) node.WriteKernelLine(line);
        if (record is not { Kind: EventKinds.Xid, Code: >= 0 and var code, Gpu.Index: { } index } || Gpu(index) is not { } gpu) return;
        if (line is not null) gpu.Tell(GpuEventType.Xid, (ulong)code);
        else gpu.RaiseEvent(GpuEventType.Xid, (ulong)code);
    }

    private void PlayFrame(PlayedLayout layout)
    {
        var values = reader.Values;
        if (layout.Gpu is not { } gpu)
        {
            if (layout.Layout.Gpu is null) PlayNode(layout.Layout, values);
            return;
        }
        // A span cannot be captured; the layout keeps the values that it played last, and only those that changed are written.
        var changed = layout.Changed(values);
        if (gpu.IsLost) gpu.IsLost = false;
        gpu.Write((ref state) =>
        {
            for (var at = 0; at < changed; at++)
            {
                var place = layout.Places[at];
                if (layout.Setters[place] is { } set) set(ref state, layout.Values[place]);
            }
        });
        if (layout.Processes >= 0 && !layout.HasProcessMemory) Populate(gpu, layout.Values[layout.Processes]);
    }

    private void PlayNode(RecordedLayout layout, ReadOnlySpan<double> values)
    {
        for (var place = 0; place < values.Length; place++)
        {
            var series = layout.Series[place];
            switch (series.Metric)
            {
                case Devices when !double.IsNaN(values[place]) && node.IsDriverLoaded != values[place] > 0:
                    node.IsDriverLoaded = values[place] > 0;
                    break;
                case CallStuck when Gpu(series) is { } gpu && gpu.Hang != values[place] > 0:
                    gpu.Hang = values[place] > 0;
                    break;
            }
        }
        PlayProcesses(layout, values);
    }

    /// <summary>The processes of the node's frame in place of those that only were counted.</summary>
    private void PlayProcesses(RecordedLayout layout, ReadOnlySpan<double> values)
    {
        Dictionary<SimulatedGpu, HashSet<uint>>? running = null;
        for (var place = 0; place < values.Length; place++)
        {
            var series = layout.Series[place];
            if (series.Metric != ProcessMemory || Gpu(series) is not { } gpu || !uint.TryParse(Label(series, "pid"), out var pid)) continue;
            running ??= [];
            if (!running.TryGetValue(gpu, out var pids)) running.Add(gpu, pids = []);
            if (pids.Count == StateFile.ProcessLimit || double.IsNaN(values[place]) || !pids.Add(pid)) continue;
            gpu.SetProcess(pid, (ulong)Math.Clamp(values[place], 0, long.MaxValue / 2), Shorten(Label(series, "name")));
        }
        foreach (var (gpu, pids) in running ?? [])
        {
            foreach (var pid in gpu.ProcessIds.Where(pid => !pids.Contains(pid))) gpu.EndProcess(pid);
            foreach (var played in layouts.Values.Where(played => played.Gpu == gpu)) played.HasProcessMemory = true;
        }
    }

    /// <summary>Processes that a recording only counts get numbers of their own and share the memory in use.</summary>
    private static void Populate(SimulatedGpu gpu, double count)
    {
        var wanted = double.IsNaN(count) ? 0 : (uint)Math.Clamp(count, 0, StateFile.ProcessLimit);
        var first = FirstPid + PidsPerGpu * (uint)gpu.Index;
        var pids = gpu.ProcessIds;
        if (pids.Count == wanted && pids.All(pid => pid >= first && pid < first + wanted)) return;
        foreach (var pid in pids.Where(pid => pid < first || pid >= first + wanted)) gpu.EndProcess(pid);
        for (var number = 0u; number < wanted; number++) gpu.SetProcess(first + number, gpu.MemoryUsedBytes / wanted, "recorded");
    }

    private SimulatedGpu? Gpu(int? index) => index is { } place && place >= 0 && place < node.Gpus.Count ? node.Gpus[place] : null;

    private SimulatedGpu? Gpu(RecordedSeries series) => int.TryParse(Label(series, "gpu"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Gpu(index) : null;

    private static string Label(RecordedSeries series, string name)
    {
        foreach (var label in series.Labels)
            if (label.Key == name) return label.Value;
        return "";
    }

    private static void Identify(RecordedGpu recorded, ref GpuState state)
    {
        // What does not fit came from no driver, and the GPU keeps its own.
        if (recorded.Uuid.Length is > 0 and < 80) StateText.Set(state.Uuid, Shorten(recorded.Uuid));
        if (recorded.Serial.Length is > 0 and < 30) StateText.Set(state.Serial, recorded.Serial);
        if (recorded.Model.Length is > 0 and < 80) StateText.Set(state.Name, Shorten(recorded.Model));
        if (recorded.PciBusId.Split(':', '.') is not [var domain, var bus, var device, _]) return;
        if (!Hexadecimal(domain, out var domainNumber) || !Hexadecimal(bus, out var busNumber) || !Hexadecimal(device, out var deviceNumber) || busNumber > 255 || deviceNumber > 31) return;
        (state.PciDomain, state.PciBus, state.PciDevice) = (domainNumber, busNumber, deviceNumber);
    }

    private static bool Hexadecimal(string text, out uint number) => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);

    /// <summary>ASCII of at most 79 characters fits into every text of the state.</summary>
    private static string Shorten(string text) => new([.. text.Take(79).Select(static letter => char.IsAscii(letter) ? letter : '?')]);
}
