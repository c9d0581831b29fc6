using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>A line of the kernel's log, whoever handed it over.</summary>
/// <param name="Source">Name of the source that read it.</param>
/// <param name="Key">Tells it from every other line of this boot, and is the same from every source.</param>
/// <param name="Time">When it was written, by the wall clock.</param>
/// <param name="Text">The line.</param>
internal sealed record KernelLine(string Source, string Key, DateTimeOffset Time, string Text)
{
    /// <summary>A sighting of what the line says, with all that the line itself gives.</summary>
    internal Sighting Sighting(string kind, EventSeverity severity, string component, string title, int? code = null, string pciBusId = "") => new()
    {
        Source = Source,
        Key = Key,
        Time = Time,
        Kind = kind,
        Code = code,
        Severity = severity,
        Component = component,
        Title = title,
        RawLine = Text,
        Gpu = pciBusId.Length > 0 ? new GpuReference(PciBusId: pciBusId) : null,
    };
}

/// <summary>What detectors may ask beyond the line.</summary>
/// <param name="GpuOfProcess">The GPU that a process uses or, since the line comes after its death, used a moment ago; null for none.</param>
/// <param name="Pci">What is at a PCI address.</param>
internal sealed record LineContext(Func<long, GpuReference?> GpuOfProcess, Func<string, PciPlace> Pci)
{
    /// <summary>Knows nothing beyond the line.</summary>
    internal static LineContext None { get; } = new(static _ => null, static _ => new PciPlace(PciRole.Other, []));

    /// <summary>Where the sources put every line that they read.</summary>
    internal RecentLines Recent { get; init; } = new();
}
