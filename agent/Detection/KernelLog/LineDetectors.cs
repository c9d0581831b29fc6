namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>Makes a sighting of a line that it understands, null of any other. Never throws, whatever the line.</summary>
internal delegate Sighting? LineDetector(KernelLine line, LineContext context);

/// <summary>The detectors of kernel lines; each registers itself when the program is loaded. A line is understood by one of them at most.</summary>
internal static class LineDetectors
{
    private static readonly List<(string Name, LineDetector Detector)> s_registered = [];

    /// <summary>Names of all that are registered.</summary>
    internal static IEnumerable<string> Names => s_registered.Select(static entry => entry.Name).Order(StringComparer.Ordinal);

    /// <summary>Adds a detector.</summary>
    internal static void Register(string name, LineDetector detector) => s_registered.Add((name, detector));

    /// <summary>What a line says; null for nothing that matters here.</summary>
    internal static Sighting? Read(KernelLine line, LineContext context)
    {
        foreach (var (_, detector) in s_registered)
            if (detector(line, context) is { } sighting) return sighting;
        return null;
    }
}
