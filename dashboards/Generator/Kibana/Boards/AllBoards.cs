namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>The dashboards that come along, in the order in which people go through them.</summary>
internal static class AllBoards
{
    /// <summary>Colors of large numbers, by what they say.</summary>
    public const string Bad = "#E7664C";
    public const string Plain = "#6092C0";

    /// <summary>Width of the whole row.</summary>
    public const int Full = 48;
    public const int Half = Full / 2;
    public const int Third = Full / 3;
    public const int Quarter = Full / 4;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Board> All { get; } = [FleetBoard.Board, NodeBoard.Board, CaptureBoard.Board, AuditBoard.Board];

    /// <summary>The links between the dashboards; time and controls do not travel along.</summary>
    public static TextPanel Links(string words) => new(
        Full, "Where to go", $"[Fleet events](#/view/gpu-fleet-events) · [Node history](#/view/gpu-node-history) · [Captures](#/view/gpu-captures) · [Audit](#/view/gpu-audit)\n\n{words}");
}
