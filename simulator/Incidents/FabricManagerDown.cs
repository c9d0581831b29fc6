using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>Fabric Manager ends: programs that run go on, none can start; the GPU only says which node.</summary>
internal sealed class FabricManagerDown : Incident
{
    private const string Service = "nvidia-fabricmanager";

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("fabric_manager_down", "Fabric Manager ends on a node with NVSwitches.", [], _ => new FabricManagerDown());

    public override string? Refusal(SimulatedGpu gpu) => gpu.Node.HasFabric ? null : "the node has no NVSwitches";

    public override void Start(SimulatedGpu gpu) => gpu.Node.SetServiceActive(Service, isActive: false);

    public override void Stop(SimulatedGpu gpu) => gpu.Node.SetServiceActive(Service, isActive: true);
}
