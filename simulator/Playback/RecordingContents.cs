using Monitoring.Contracts.Recordings;

namespace Monitoring.Simulator.Playback;

/// <summary>What a recording holds for a simulated node; found by reading it once.</summary>
/// <param name="Header">Where and when it was made.</param>
/// <param name="Gpus">Its GPUs as they were first seen, by index.</param>
/// <param name="Duration">From the first frame to the last.</param>
/// <param name="Unplayed">Series that no reading of the driver is made of, as Prometheus writes them.</param>
/// <param name="Trouble">Why it ends early; empty for a whole one.</param>
public sealed record RecordingContents(RecordingHeader Header, IReadOnlyDictionary<int, RecordedGpu> Gpus, TimeSpan Duration, IReadOnlyList<string> Unplayed, string Trouble)
{
    // What the driver tells of itself once the rest is played, or what the node frames are used for.
    private static readonly string[] Derived =
    [
        "gpu_memory_free_bytes", "gpu_processes", NodePlayback.ProcessMemory, NodePlayback.Devices, NodePlayback.CallStuck, "gpu_info", "gpu_devices_expected",
    ];

    /// <summary>Reads a recording.</summary>
    /// <exception cref="RecordingException">It is none.</exception>
    public static RecordingContents Of(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new RecordingReader(file);
        var gpus = new Dictionary<int, RecordedGpu>();
        var unplayed = new SortedSet<string>(StringComparer.Ordinal);
        (long First, long Last)? times = null;
        while (reader.Read() is not RecordingItem.End and var item)
        {
            if (item == RecordingItem.Layout)
            {
                if (reader.Layout.Gpu is { } gpu) gpus.TryAdd(gpu.Index, gpu);
                foreach (var series in reader.Layout.Series)
                    // The agent measures itself anew.
                    if (!series.Metric.StartsWith("gpu_agent_", StringComparison.Ordinal) && !Derived.Contains(series.Metric) && (reader.Layout.Gpu is null || GpuSetters.Of(series.Metric, series.Labels) is null))
                        unplayed.Add(series.Labels.Count == 0 ? series.Metric : $"{series.Metric}{{{string.Join(',', series.Labels.Select(static label => $"{label.Key}=\"{label.Value}\""))}}}");
            }
            if (item == RecordingItem.Frame)
                times = times is { } known ? (Math.Min(known.First, reader.Stamp.Timestamp), Math.Max(known.Last, reader.Stamp.Timestamp)) : (reader.Stamp.Timestamp, reader.Stamp.Timestamp);
        }
        return new RecordingContents(reader.Header, gpus, times is { } all ? TimeSpan.FromSeconds((all.Last - all.First) / (double)reader.Header.TimestampFrequency) : TimeSpan.Zero, [.. unplayed], reader.Trouble);
    }

    /// <summary>The built-in profile of such GPUs, from which comes what a recording does not hold; null where none is.</summary>
    public string? ProfileName()
    {
        var models = Gpus.OrderBy(static gpu => gpu.Key).Select(static gpu => gpu.Value.Model).ToArray();
        return NodeProfiles.NodeProfile.BuiltIn.Where(static name => !name.Contains('-', StringComparison.Ordinal))
            .FirstOrDefault(name => models.Any(model => model.Split(' ', '-').Contains(name, StringComparer.OrdinalIgnoreCase)));
    }
}
