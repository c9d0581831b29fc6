using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>An NVLink counts errors at a rate, and may go down (XID 74).</summary>
internal sealed class NvlinkErrors(int link, double perSecond, LinkError kind, bool goesDown) : Incident
{
    private const ulong NvlinkErrorXid = 74;

    private double _remainder;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("nvlink_errors", "An NVLink counts errors, and may go down (XID 74).",
        [
            IncidentParameter.Whole("link", 0, 0, 35, "Number of the link."),
            IncidentParameter.Number("per_second", 20, 0, 1e6, "Errors per second."),
            IncidentParameter.Word("type", "replay", "Counter that grows.", "replay", "recovery", "crc_flit", "crc_data", "ecc_data"),
            IncidentParameter.Word("down", "no", "Whether the link goes down.", "no", "yes"),
        ],
        arguments => new NvlinkErrors(arguments.Whole("link"), arguments.Number("per_second"), Kind(arguments.Text("type")), arguments.Text("down") == "yes"));

    public override string? Refusal(SimulatedGpu gpu) =>
        link < gpu.LinkCount ? null : gpu.LinkCount == 0 ? $"GPU {gpu.Index} has no NVLinks" : $"link is {link}, expected 0 to {gpu.LinkCount - 1}";

    public override void Start(SimulatedGpu gpu)
    {
        gpu.AddLinkErrors(link, kind, 1);
        if (!goesDown) return;
        gpu.SetLinkUp(link, isUp: false);
        gpu.RaiseEvent(GpuEventType.Xid, NvlinkErrorXid);
    }

    public override void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
        _remainder += perSecond * elapsed.TotalSeconds;
        var whole = Math.Floor(_remainder);
        if (whole < 1) return;
        _remainder -= whole;
        gpu.AddLinkErrors(link, kind, (ulong)whole);
    }

    public override void Stop(SimulatedGpu gpu)
    {
        if (goesDown) gpu.SetLinkUp(link, isUp: true);
    }

    private static LinkError Kind(string type) => type switch
    {
        "recovery" => LinkError.Recovery,
        "crc_flit" => LinkError.CrcFlit,
        "crc_data" => LinkError.CrcData,
        "ecc_data" => LinkError.EccData,
        _ => LinkError.Replay,
    };
}
