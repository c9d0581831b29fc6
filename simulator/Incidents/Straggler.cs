using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>One GPU does its work slower than the others, at full clocks: in synchronous training all others wait for it.</summary>
internal sealed class Straggler(double speed) : Incident
{
    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("straggler", "The GPU works slower than the others, which wait for it.",
        [IncidentParameter.Number("speed", 0.6, 0.05, 0.99, "Speed relative to a healthy GPU.")],
        arguments => new Straggler(arguments.Number("speed")));

    public override void Start(SimulatedGpu gpu) => gpu.Model.Conditions.Speed *= speed;

    public override void Stop(SimulatedGpu gpu) => gpu.Model.Conditions.Speed /= speed;
}
