using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>The server's power supply pulls the brake line: the hardware drops the clocks at once.</summary>
internal sealed class PowerBrake : Incident
{
    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("power_brake", "The power supply asserts the brake: clocks drop to a quarter.", [], _ => new PowerBrake());

    public override void Start(SimulatedGpu gpu) => gpu.Model.Conditions.PowerBrake = true;

    public override void Stop(SimulatedGpu gpu) => gpu.Model.Conditions.PowerBrake = false;
}
