using System.Globalization;
using Monitoring.Agent.Devices.Pci;

namespace Monitoring.Agent.Detection;

/// <summary>Who the node is, on every event.</summary>
/// <param name="Cluster">Name of the cluster.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="BootId">What the kernel calls this boot; empty where it does not say.</param>
internal sealed record NodeIdentity(string Cluster, string Node, string BootId);

/// <summary>A GPU as rules and events know it, live or recorded.</summary>
internal sealed record GpuSubject(int Index, string Uuid, string Serial = "", string PciBusId = "", string Model = "")
{
    /// <summary>How an event names it; an index that is not known, below 0, is absent there.</summary>
    internal Contracts.Events.GpuReference Reference { get; } = new(Index < 0 ? null : Index, Uuid, Serial, PciBusId);

    /// <summary>A GPU of which no more is known than what names it.</summary>
    internal static GpuSubject Of(Contracts.Events.GpuReference gpu) => new(gpu.Index ?? -1, gpu.Uuid, gpu.Serial, gpu.PciBusId);

    /// <summary>True where a name given by a person is this GPU's index, UUID or PCI address: before the driver showed it, only that is known.</summary>
    internal bool IsNamed(string name) => (Index >= 0 && Index.ToString(CultureInfo.InvariantCulture) == name)
        || (Uuid.Length > 0 && Uuid.Equals(name, StringComparison.OrdinalIgnoreCase))
        || (PciAddress.Normalize(name) is { Length: > 0 } address && address == PciAddress.Normalize(PciBusId));
}
