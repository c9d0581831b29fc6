using Monitoring.Contracts.Recordings;

namespace Monitoring.Simulator.Playback;

/// <summary>A layout of a recording with the setters of its series and what was played of them last.</summary>
internal sealed class PlayedLayout
{
    private bool isFirst = true;

    internal PlayedLayout(RecordedLayout layout, SimulatedGpu? gpu)
    {
        (Layout, Gpu) = (layout, gpu);
        Setters = [.. layout.Series.Select(series => layout.Gpu is null ? null : GpuSetters.Of(series.Metric, series.Labels))];
        Values = new double[Setters.Length];
        Places = new int[Setters.Length];
        for (var place = 0; place < layout.Series.Count; place++)
            if (layout.Series[place].Metric == "gpu_processes") Processes = place;
    }

    internal RecordedLayout Layout { get; }

    /// <summary>Who plays it; null for the node, and for a GPU that the node does not have.</summary>
    internal SimulatedGpu? Gpu { get; }

    /// <summary>A setter per series; null for one that is not played.</summary>
    internal GpuSetter?[] Setters { get; }

    /// <summary>What was played last.</summary>
    internal double[] Values { get; }

    /// <summary>Places that <see cref="Changed"/> found.</summary>
    internal int[] Places { get; }

    /// <summary>Place of the number of processes; -1 for none.</summary>
    internal int Processes { get; } = -1;

    /// <summary>True where the node's frames name the processes.</summary>
    internal bool HasProcessMemory { get; set; }

    /// <summary>Takes the values of a frame; the first frame has all of them.</summary>
    /// <returns>How many of <see cref="Places"/> are new.</returns>
    internal int Changed(ReadOnlySpan<double> values)
    {
        var count = 0;
        for (var place = 0; place < values.Length; place++)
        {
            if (!isFirst && values[place].Equals(Values[place])) continue;
            Values[place] = values[place];
            Places[count++] = place;
        }
        isFirst = false;
        return count;
    }
}
