using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>XID 79: the GPU falls off the bus. The event comes first, then every call answers GPU_IS_LOST.</summary>
internal sealed class GpuLost(TimeSpan delay) : Incident
{
    private const ulong FellOffTheBusXid = 79;

    private TimeSpan _left = delay;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("xid_79", "The GPU falls off the bus: XID 79, then every call answers GPU_IS_LOST.",
        [IncidentParameter.Number("delay_seconds", 0.2, 0, 3600, "Time between the event and the loss.")],
        arguments => new GpuLost(TimeSpan.FromSeconds(arguments.Number("delay_seconds"))));

    public override void Start(SimulatedGpu gpu)
    {
        gpu.RaiseEvent(GpuEventType.Xid, FellOffTheBusXid);
        if (_left <= TimeSpan.Zero) gpu.IsLost = true;
    }

    public override void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
        if (gpu.IsLost) return;
        _left -= elapsed;
        if (_left <= TimeSpan.Zero) gpu.IsLost = true;
    }

    /// <summary>The node was rebooted.</summary>
    public override void Stop(SimulatedGpu gpu)
    {
        gpu.IsLost = false;
        gpu.ResetVolatileEcc();
    }
}
