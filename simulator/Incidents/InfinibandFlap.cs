using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>An InfiniBand port of the node goes down and comes back, again and again; the GPU only says which node.</summary>
internal sealed class InfinibandFlap(int port, TimeSpan down, TimeSpan up) : Incident
{
    private TimeSpan _left;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("infiniband_flap", "An InfiniBand port of the node goes down and comes back, again and again.",
        [
            IncidentParameter.Whole("port", 0, 0, SimulatedNode.InfinibandPortCount - 1, "Number of the port."),
            IncidentParameter.Number("down_seconds", 15, 0.1, 3600, "How long it stays down."),
            IncidentParameter.Number("up_seconds", 15, 0.1, 3600, "How long it stays up in between."),
        ],
        arguments => new InfinibandFlap(arguments.Whole("port"), TimeSpan.FromSeconds(arguments.Number("down_seconds")), TimeSpan.FromSeconds(arguments.Number("up_seconds"))));

    public override void Start(SimulatedGpu gpu) => Set(gpu, isUp: false);

    public override void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
        _left -= elapsed;
        if (_left <= TimeSpan.Zero) Set(gpu, !gpu.Node.IsPortUp(port));
    }

    public override void Stop(SimulatedGpu gpu) => gpu.Node.SetPortUp(port, isUp: true);

    private void Set(SimulatedGpu gpu, bool isUp)
    {
        gpu.Node.SetPortUp(port, isUp);
        _left = isUp ? up : down;
    }
}
