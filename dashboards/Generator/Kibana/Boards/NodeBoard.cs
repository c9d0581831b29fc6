using Monitoring.Dashboards.Generator.Kibana.Lens;

namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>What a node went through: for deciding whether it is repaired, replaced or trusted again.</summary>
internal static class NodeBoard
{
    private const string Begins = $"not {Fields.Phase}: ended";
    private const int MostGpus = 16;
    private const int MostKinds = 15;

    public static Board Board { get; } = new(
        "node-history", "GPU: node history", "What a node and each of its GPUs went through; choose the node at the top.", "now-28d",
        [
            new BoardControl(DataViews.Events, Fields.Node, "Node"),
            new BoardControl(DataViews.Events, Fields.Gpu, "GPU"),
            new BoardControl(DataViews.Events, Fields.Component, "Component"),
        ],
        [
            new BoardRow(4, AllBoards.Links("Choose a node above. 28 days are shown, since a node that fails again and again does so over weeks.")),
            new BoardRow(
                6,
                Number("Critical events of the node", AllBoards.Bad, new CountColumn("count", "Critical events"), $"{Fields.Severity}: critical and {Begins}"),
                Number("GPUs with events", AllBoards.Plain, new ValueColumn("gpus", "GPUs", LensOperations.Different, Fields.Device), ""),
                Number("Boots", AllBoards.Plain, new ValueColumn("boots", "Boots", LensOperations.Different, Fields.Boot), ""),
                Number("Jobs hit", AllBoards.Plain, new ValueColumn("jobs", "Jobs", LensOperations.Different, Fields.Job), $"{Fields.Severity}: (critical or warning)")),
            new BoardRow(
                12,
                new ChartPanel(AllBoards.Half, "Events over time by GPU", new LensChart(
                    DataViews.Events, Begins,
                    [new TermsColumn("gpu", "GPU", Fields.Gpu, MostGpus, "count", IsNumber: true), new TimeColumn("time"), new CountColumn("count", "Events")],
                    new BarDrawing())),
                new ChartPanel(AllBoards.Half, "Events over time by component", new LensChart(
                    DataViews.Events, Begins,
                    [new TermsColumn("component", "Component", Fields.Component, MostKinds, "count"), new TimeColumn("time"), new CountColumn("count", "Events")],
                    new BarDrawing()))),
            new BoardRow(
                14,
                new ChartPanel(AllBoards.Half, "GPUs of the node", new LensChart(
                    DataViews.Events, Begins,
                    [
                        new TermsColumn("gpu", "GPU", Fields.Device, MostGpus, "critical"),
                        new NewestColumn("index", "Index", Fields.Gpu, "number"),
                        new CountColumn("critical", "Critical", $"{Fields.Severity}: critical"),
                        new CountColumn("warning", "Warnings", $"{Fields.Severity}: warning"),
                        new NewestColumn("xid", "Newest XID", Fields.Xid, "number"),
                        new NewestColumn("last", "Newest", Fields.Timestamp, "date"),
                    ],
                    new TableDrawing("critical"))),
                new ChartPanel(AllBoards.Half, "What happened most", new LensChart(
                    DataViews.Events, Begins,
                    [
                        new TermsColumn("action", "Action", Fields.Action, MostKinds, "count"),
                        new CountColumn("count", "Times"),
                        new NewestColumn("last", "Newest", Fields.Timestamp, "date"),
                    ],
                    new TableDrawing("count")))),
            new BoardRow(18, new SearchPanel(AllBoards.Full, SavedSearches.NodeEvents)),
            new BoardRow(12, new SearchPanel(AllBoards.Half, SavedSearches.CapturesWithTriage), new SearchPanel(AllBoards.Half, SavedSearches.AgentErrors)),
        ]);

    private static ChartPanel Number(string title, string color, LensColumn column, string query) =>
        new(AllBoards.Quarter, title, new LensChart(DataViews.Events, query, [column], new NumberDrawing(color)));
}
