using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>Cooling gets worse: the GPU heats up until software, then hardware lowers the clocks.</summary>
internal sealed class ThermalThrottle(double resistance) : Incident
{
    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("thermal_throttle", "Cooling fails: the GPU heats up until its clocks are lowered.",
        [IncidentParameter.Number("resistance", 2.2, 1.01, 10, "Thermal resistance relative to a healthy heat sink.")],
        arguments => new ThermalThrottle(arguments.Number("resistance")));

    public override void Start(SimulatedGpu gpu) => gpu.Model.Conditions.HeatResistance *= resistance;

    public override void Stop(SimulatedGpu gpu) => gpu.Model.Conditions.HeatResistance /= resistance;
}
