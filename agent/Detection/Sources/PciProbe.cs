using System.Runtime.CompilerServices;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// Compares the GPUs on the PCI bus with those of NVML and with those that were there before. Who was at an address is remembered over
/// restarts and reboots, so that a GPU which does not come back is named by UUID and serial number.
/// </summary>
internal sealed class PciProbe(PciInventory pci, DriverFiles files, Func<GpusOfDriver> driver, TimeProvider time) : NodeProbe(ProbeName, time)
{
    internal const string ProbeName = "pci";
    private const string Seen = "gpu ";

    // A GPU that was just plugged in or reset is on the bus some seconds before the driver shows it.
    private const int LooksBeforeMissing = 3;
    private readonly Dictionary<string, int> missedLooks = new(StringComparer.Ordinal);

    [ModuleInitializer]
    internal static void Register() => NodeProbes.Register(ProbeName, static surroundings => new PciProbe(
        surroundings.Node.Pci, new DriverFiles(surroundings.Devices.Procfs), () => GpusOfDriver.Of(surroundings.Node), surroundings.Time));

    protected override void Observe(ProbeMemory memory)
    {
        if (pci.Gpus() is not { } onBus) return;
        var known = driver();
        foreach (var address in onBus) memory[Seen + address] ??= "|";
        // Only what was on the bus can be gone from it: a sandbox may show the GPUs to the driver's library alone.
        foreach (var gpu in known.Gpus)
            if (PciInventory.AddressOf(gpu.PciBusId) is var address && memory[Seen + address] is not null) memory[Seen + address] = $"{gpu.Uuid}|{gpu.Serial}";
        foreach (var name in memory.Names(Seen)) FollowGone(name[Seen.Length..], onBus, known, memory);
        foreach (var address in onBus) FollowUnseen(address, known, memory);
        foreach (var address in missedLooks.Keys.Except(onBus).ToArray()) missedLooks.Remove(address);
    }

    private void FollowGone(string address, IReadOnlyList<string> onBus, GpusOfDriver known, ProbeMemory memory)
    {
        var gone = !onBus.Contains(address);
        var who = Reference(address, memory);
        // A board that was put into another slot is not gone: its old address is forgotten.
        if (gone && who.Uuid.Length > 0 && known.Gpus.Any(gpu => gpu.Uuid == who.Uuid && PciInventory.AddressOf(gpu.PciBusId) is var now && now != address && onBus.Contains(now)))
        {
            gone = false;
            memory[Seen + address] = null;
        }
        Follow(memory, "gone " + address, gone, () => Make(EventKinds.Availability, EventSeverity.Critical, Components.Pcie,
            $"GPU {Named(who)} at {address} is no longer on the PCI bus") with
        {
            Gpu = who,
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["address"] = address },
            SuggestedAction = "Drain the node, collect nvidia-bug-report and power-cycle the host; when it stays away, reseat or replace the board.",
        }, $"GPU {Named(who)} at {address} is on the PCI bus again");
    }

    private void FollowUnseen(string address, GpusOfDriver known, ProbeMemory memory)
    {
        // While a lane has not opened its GPU, nobody knows which one it is: the GPU may hang, and that has events of its own.
        var unseen = known.Answers && known.Unopened == 0
            && !known.Gpus.Any(gpu => PciInventory.AddressOf(gpu.PciBusId) == address)
            && pci.BoundDriver(address) is "" or "nvidia" && !files.IsExcluded(address);
        missedLooks[address] = unseen ? missedLooks.GetValueOrDefault(address) + 1 : 0;
        // Without an answer of the driver an incident neither starts nor ends.
        if (!known.Answers || known.Unopened > 0) return;
        var who = Reference(address, memory);
        Follow(memory, "unseen " + address, missedLooks[address] >= LooksBeforeMissing, () => Make(EventKinds.Availability, EventSeverity.Critical, Components.Driver,
            $"GPU {Named(who)} at {address} is on the PCI bus but the driver does not show it") with
        {
            Gpu = who,
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["address"] = address },
            Values = [new EventValue("gpu_devices", known.Gpus.Count)],
            SuggestedAction = "See the kernel log for why the driver refused it (XID 79, 143, RmInitAdapter); reset it or reboot the node.",
        }, $"GPU {Named(who)} at {address} is shown by the driver again");
    }

    private static GpuReference Reference(string address, ProbeMemory memory) =>
        memory[Seen + address]?.Split('|') is [var uuid, var serial] ? new GpuReference(null, uuid, serial, PciInventory.BusIdOf(address)) : new GpuReference(null, PciBusId: PciInventory.BusIdOf(address));

    private static string Named(GpuReference who) => who.Uuid.Length == 0 ? "that was never seen by the driver" : who.Serial.Length == 0 ? who.Uuid : $"{who.Uuid} (serial {who.Serial})";
}

/// <summary>The GPUs as NVML shows them.</summary>
/// <param name="Answers">True while the driver is there and answers how many there are, were it none.</param>
/// <param name="Unopened">Those of which is not yet known who they are.</param>
/// <param name="Gpus">The others.</param>
internal sealed record GpusOfDriver(bool Answers, int Unopened, IReadOnlyList<GpuIdentity> Gpus)
{
    internal static GpusOfDriver Of(NodeSampler node)
    {
        var lanes = node.Lanes;
        GpuIdentity[] gpus = [.. lanes.Select(static lane => lane.Identity).OfType<GpuIdentity>()];
        var count = node.DeviceCount;
        return new GpusOfDriver(count >= 0 && node.Trouble.Length == 0, double.IsNaN(count) ? 0 : Math.Max(0, Math.Max((int)count, lanes.Length) - gpus.Length), gpus);
    }
}
