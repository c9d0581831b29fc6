using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Detection.Sources;

/// <summary>A tree of small files as sysfs and procfs are, deleted at the end.</summary>
internal sealed class FileTree : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("tree-").FullName;

    internal string At(string path) => Path.Combine(Root, path);

    internal void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content + "\n");
    }

    internal void Delete(string path)
    {
        if (Directory.Exists(At(path))) Directory.Delete(At(path), recursive: true);
        else File.Delete(At(path));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>Looks a probe at a test's machine, and reads what it said.</summary>
internal sealed class ProbeUnderTest(NodeProbe probe)
{
    internal ProbeMemory Memory { get; } = new();

    /// <summary>The agent was started again with another probe, which knows what this one saw.</summary>
    internal ProbeUnderTest Restarted(NodeProbe next)
    {
        var later = new ProbeUnderTest(next);
        later.Memory.Restore(Memory.Save([]));
        return later;
    }

    /// <summary>One look; what it says, as phase, severity and title.</summary>
    internal IReadOnlyList<string> Look() => [.. Sightings().Select(static seen => $"{seen.Phase} {seen.Severity}: {seen.Title}")];

    internal IReadOnlyList<Sighting> Sightings()
    {
        var seen = probe.Look(Memory);
        seen.Select(static sighting => sighting.Key).Should().OnlyHaveUniqueItems();
        seen.Should().NotContain(sighting => sighting.Source != probe.Name || (sighting.Phase == EventPhase.Ended) != (sighting.Incident != null));
        return seen;
    }

    /// <summary>The readings of a metric, as labels and value.</summary>
    internal IReadOnlyList<string> Read(NodeMetric metric) =>
        [.. probe.Readings.Single(reading => reading.Metric == metric).Read().Where(static reading => !double.IsNaN(reading.Value))
            .Select(static reading => FormattableString.Invariant($"{string.Join('/', reading.Labels)} {reading.Value}"))];
}
