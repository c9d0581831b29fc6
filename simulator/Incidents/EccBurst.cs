using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>Memory errors pour in: corrected ones at a rate, uncorrected ones at once.</summary>
internal sealed class EccBurst(double perSecond, int uncorrected, EccLocation location) : Incident
{
    private const ulong DoubleBitErrorXid = 48;

    private double _remainder;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("ecc_burst", "ECC errors: corrected ones at a rate, uncorrected ones at the start.",
        [
            IncidentParameter.Number("per_second", 50, 0, 1e6, "Corrected errors per second."),
            IncidentParameter.Whole("uncorrected", 0, 0, 1_000_000, "Uncorrected errors at the start; any also raises XID 48."),
            IncidentParameter.Word("location", "dram", "Memory that has the errors.", "dram", "sram"),
        ],
        arguments => new EccBurst(arguments.Number("per_second"), arguments.Whole("uncorrected"), arguments.Text("location") == "sram" ? EccLocation.Sram : EccLocation.Dram));

    public override void Start(SimulatedGpu gpu)
    {
        if (uncorrected == 0) return;
        gpu.AddEccErrors(EccError.Uncorrected, location, (ulong)uncorrected);
        gpu.RaiseEvent(GpuEventType.DoubleBitEcc);
        gpu.RaiseEvent(GpuEventType.Xid, DoubleBitErrorXid);
    }

    public override void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
        _remainder += perSecond * elapsed.TotalSeconds;
        var whole = Math.Floor(_remainder);
        if (whole < 1) return;
        _remainder -= whole;
        gpu.AddEccErrors(EccError.Corrected, location, (ulong)whole);
        gpu.RaiseEvent(GpuEventType.SingleBitEcc);
    }

    public override void Stop(SimulatedGpu gpu)
    {
    }
}
