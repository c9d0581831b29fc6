using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>A bad row is to be replaced by a spare one, which needs a reset of the GPU; or no spare row is left.</summary>
internal sealed class RowRemapPending(bool fails) : Incident
{
    private const ulong RemappedXid = 63;
    private const ulong RemapFailedXid = 64;
    private const uint ResetTheGpu = 1;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("row_remap_pending", "An uncorrected error: a row waits for a reset to be remapped (XID 63), or cannot be (XID 64).",
        [IncidentParameter.Word("result", "pending", "Whether a spare row is left.", "pending", "failed")],
        arguments => new RowRemapPending(arguments.Text("result") == "failed"));

    public override void Start(SimulatedGpu gpu)
    {
        gpu.AddEccErrors(EccError.Uncorrected, EccLocation.Dram, 1);
        gpu.RaiseEvent(GpuEventType.DoubleBitEcc);
        if (fails) gpu.RemapFailed = true;
        else
        {
            gpu.AddRemappedRows(correctable: 0, uncorrectable: 1);
            gpu.RemapPending = true;
        }
        gpu.RecoveryAction = ResetTheGpu;
        gpu.RaiseEvent(fails ? GpuEventType.DramRetirementFailure : GpuEventType.DramRetirement);
        gpu.RaiseEvent(GpuEventType.Xid, fails ? RemapFailedXid : RemappedXid);
    }

    /// <summary>The GPU was reset: the row is remapped for good; a failure stays with the board.</summary>
    public override void Stop(SimulatedGpu gpu)
    {
        gpu.RemapPending = false;
        gpu.RecoveryAction = 0;
        gpu.ResetVolatileEcc();
    }
}
