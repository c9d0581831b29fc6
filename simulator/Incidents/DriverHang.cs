using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>The driver is wedged: every call to the GPU, or one function, blocks until the incident ends.</summary>
internal sealed class DriverHang(string function) : Incident
{
    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("hang", "Calls to the GPU block until the incident ends.",
        [IncidentParameter.Function("function", "The one function that blocks; without it all do.")],
        arguments => new DriverHang(arguments.Text("function")));

    public override void Start(SimulatedGpu gpu) => Set(gpu, true);

    public override void Stop(SimulatedGpu gpu) => Set(gpu, false);

    private void Set(SimulatedGpu gpu, bool hangs)
    {
        if (function.Length == 0) gpu.Hang = hangs;
        else gpu.SetFunctionHang(function, hangs);
    }
}
