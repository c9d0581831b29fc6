using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>A bad contact: the PCIe link trains with fewer lanes and sends packets again.</summary>
internal sealed class PcieDegraded(uint lanes, double replaysPerSecond) : Incident
{
    private uint? _soundLanes;
    private double _remainder;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("pcie_degraded", "A bad contact: the PCIe link has fewer lanes and sends packets again.",
        [
            IncidentParameter.Whole("lanes", 8, 1, 16, "Lanes that are left."),
            IncidentParameter.Number("replays_per_second", 20, 0, 1e6, "Packets that are sent again each second."),
        ],
        arguments => new PcieDegraded((uint)arguments.Whole("lanes"), arguments.Number("replays_per_second")));

    public override string? Refusal(SimulatedGpu gpu) => gpu.PcieWidthLanes is null ? $"GPU {gpu.Index} does not tell the lanes of its PCIe link" : null;

    public override void Start(SimulatedGpu gpu)
    {
        _soundLanes = gpu.PcieWidthLanes;
        gpu.PcieWidthLanes = Math.Min(lanes, _soundLanes ?? lanes);
    }

    public override void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
        _remainder += replaysPerSecond * elapsed.TotalSeconds;
        var whole = Math.Floor(_remainder);
        if (whole < 1) return;
        _remainder -= whole;
        gpu.AddPcieReplays((uint)whole);
    }

    public override void Stop(SimulatedGpu gpu) => gpu.PcieWidthLanes = _soundLanes;
}
