using Monitoring.Dashboards.Generator.Kibana.Lens;

namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>Which XIDs and other events the fleet has, by what NVIDIA says is to be done, and where.</summary>
internal static class FleetBoard
{
    private const string Critical = $"{Fields.Severity}: critical";
    private const string Begins = $"not {Fields.Phase}: ended";
    private const string IsXid = $"{Fields.Kind}: xid";
    private const int MostNodes = 20;
    private const int MostBuckets = 12;
    private const int MostKinds = 25;

    public static Board Board { get; } = new(
        "fleet-events", "GPU: fleet events", "Which XIDs and other events there are, by what is to be done about them, and on which nodes.", "now-7d",
        [
            new BoardControl(DataViews.Events, Fields.Cluster, "Cluster"),
            new BoardControl(DataViews.Events, Fields.Node, "Node"),
            new BoardControl(DataViews.Events, Fields.Severity, "Severity"),
            new BoardControl(DataViews.Events, Fields.Kind, "Kind"),
        ],
        [
            new BoardRow(4, AllBoards.Links("A bucket is NVIDIA's advice on what recovers the GPU: RESTART_APP the program, RESET_GPU the GPU, RESTART_BM the node, IGNORE nothing.")),
            new BoardRow(
                6,
                Number("Critical events", AllBoards.Bad, new CountColumn("count", "Critical events"), $"{Critical} and {Begins}"),
                Number("Nodes with critical events", AllBoards.Bad, new ValueColumn("nodes", "Nodes", LensOperations.Different, Fields.Node), $"{Critical} and {Begins}"),
                Number("GPUs with XIDs", AllBoards.Plain, new ValueColumn("gpus", "GPUs", LensOperations.Different, Fields.Device), IsXid),
                Number("XIDs", AllBoards.Plain, new CountColumn("count", "XIDs"), IsXid)),
            new BoardRow(
                13,
                new ChartPanel(32, "XIDs over time by bucket", new LensChart(
                    DataViews.Events, IsXid,
                    [new TermsColumn("bucket", "Bucket", Fields.XidBucket, MostBuckets, "count"), new TimeColumn("time"), new CountColumn("count", "XIDs")],
                    new BarDrawing())),
                new ChartPanel(AllBoards.Third, "XIDs by bucket", new LensChart(
                    DataViews.Events, IsXid,
                    [new TermsColumn("bucket", "Bucket", Fields.XidBucket, MostBuckets, "count"), new CountColumn("count", "XIDs")],
                    new RingDrawing()))),
            new BoardRow(
                14,
                new ChartPanel(AllBoards.Half, "XIDs by code", new LensChart(
                    DataViews.Events, IsXid,
                    [
                        new TermsColumn("code", "XID", Fields.Xid, MostKinds, "count", IsNumber: true),
                        new TermsColumn("name", "Name", Fields.XidMnemonic, 1, "count"),
                        new TermsColumn("bucket", "Bucket", Fields.XidBucket, 1, "count"),
                        new TermsColumn("origin", "Origin", Fields.XidOrigin, 1, "count"),
                        new CountColumn("count", "XIDs"),
                        new ValueColumn("nodes", "Nodes", LensOperations.Different, Fields.Node),
                        new ValueColumn("gpus", "GPUs", LensOperations.Different, Fields.Device),
                    ],
                    new TableDrawing("count"))),
                new ChartPanel(AllBoards.Half, "Nodes with the most critical events", new LensChart(
                    DataViews.Events, Begins,
                    [
                        new TermsColumn("node", "Node", Fields.Node, MostNodes, "critical"),
                        new CountColumn("critical", "Critical", Critical),
                        new CountColumn("warning", "Warnings", $"{Fields.Severity}: warning"),
                        new CountColumn("xids", "XIDs", IsXid),
                        new ValueColumn("gpus", "GPUs", LensOperations.Different, Fields.Device),
                        new NewestColumn("last", "Newest", Fields.Timestamp, "date"),
                    ],
                    new TableDrawing("critical")))),
            new BoardRow(
                13,
                new ChartPanel(AllBoards.Half, "Events over time by severity", new LensChart(
                    DataViews.Events, Begins,
                    [new TermsColumn("severity", "Severity", Fields.Severity, 4, "count"), new TimeColumn("time"), new CountColumn("count", "Events")],
                    new BarDrawing())),
                new ChartPanel(AllBoards.Half, "What rules find, by rule", new LensChart(
                    DataViews.Events, $"{Fields.Kind}: anomaly and {Begins}",
                    [new TermsColumn("rule", "Rule", Fields.Rule, MostKinds, "count"), new CountColumn("count", "Times")],
                    new BarDrawing(IsHorizontal: true)))),
            new BoardRow(16, new SearchPanel(AllBoards.Full, SavedSearches.CriticalEvents)),
            new BoardRow(14, new SearchPanel(AllBoards.Full, SavedSearches.FatalXids)),
        ]);

    private static ChartPanel Number(string title, string color, LensColumn column, string query) =>
        new(AllBoards.Quarter, title, new LensChart(DataViews.Events, query, [column], new NumberDrawing(color)));
}
