using Monitoring.Dashboards.Generator.Kibana.Lens;

namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>What captures say of the workloads, with links to them.</summary>
internal static class CaptureBoard
{
    private const int MostKernels = 20;
    private const int MostCodes = 20;
    private const string IsRefused = $"{Fields.Kind}: capture and {Fields.CaptureResult}: refused";

    public static Board Board { get; } = new(
        "captures", "GPU: captures", "What was recorded, which kernels took the time, what stands out, and what was refused.", "now-7d",
        [
            new BoardControl(DataViews.Captures, Fields.Cluster, "Cluster"),
            new BoardControl(DataViews.Captures, Fields.Node, "Node"),
            new BoardControl(DataViews.Captures, Fields.JobName, "Job"),
            new BoardControl(DataViews.Captures, Fields.CaptureTriggerName, "Asked for by"),
        ],
        [
            new BoardRow(4, AllBoards.Links("Links in the last column of the table lead to the capture at the collector, with its reports to download.")),
            new BoardRow(
                6,
                Number("Captures", AllBoards.Plain, DataViews.Captures, new CountColumn("count", "Captures"), ""),
                Number("Failed or aborted", AllBoards.Bad, DataViews.Captures, new CountColumn("count", "Failed or aborted"), $"{Fields.CaptureResult}: (failed or aborted)"),
                Number("Refused", AllBoards.Bad, DataViews.Events, new CountColumn("count", "Refused"), IsRefused),
                Number("Bytes", AllBoards.Plain, DataViews.Captures, new ValueColumn("bytes", "Bytes", LensOperations.Sum, Fields.CaptureBytes, Format: LensFormats.Bytes), "")),
            new BoardRow(
                12,
                new ChartPanel(AllBoards.Third, "Captures over time by what asked", new LensChart(
                    DataViews.Captures, "",
                    [new TermsColumn("trigger", "Asked for by", Fields.CaptureTrigger, 5, "count"), new TimeColumn("time"), new CountColumn("count", "Captures")],
                    new BarDrawing())),
                new ChartPanel(AllBoards.Third, "What stands out", new LensChart(
                    DataViews.Captures, "",
                    [new TermsColumn("code", "Finding", Fields.TriageCode, MostCodes, "count"), new CountColumn("count", "Captures")],
                    new BarDrawing(IsHorizontal: true))),
                new ChartPanel(AllBoards.Third, "Refused, by reason", new LensChart(
                    DataViews.Events, IsRefused,
                    [new TermsColumn("reason", "Reason", Fields.CaptureRefusal, MostCodes, "count"), new CountColumn("count", "Refused")],
                    new BarDrawing(IsHorizontal: true)))),
            new BoardRow(
                14,
                new ChartPanel(AllBoards.Half, "Kernels that took the most time of a capture", new LensChart(
                    DataViews.Captures, "",
                    [
                        new TermsColumn("kernel", "Kernel", Fields.TopKernel, MostKernels, "seconds"),
                        new ValueColumn("seconds", "Seconds", LensOperations.Sum, Fields.TopKernelSeconds),
                        new ValueColumn("share", "Mean share", LensOperations.Average, Fields.TopKernelShare, Format: LensFormats.Percent),
                        new CountColumn("count", "Captures"),
                    ],
                    new TableDrawing("seconds"))),
                new ChartPanel(AllBoards.Half, "Kernels among the ten with the most time", new LensChart(
                    DataViews.Captures, "",
                    [
                        new TermsColumn("kernel", "Kernel", Fields.Kernels, MostKernels, "count"),
                        new CountColumn("count", "Captures"),
                        new ValueColumn("nodes", "Nodes", LensOperations.Different, Fields.Node),
                    ],
                    new TableDrawing("count")))),
            new BoardRow(
                12,
                new ChartPanel(AllBoards.Half, "How busy the GPUs were", new LensChart(
                    DataViews.Captures, $"{Fields.BusyShare}: *",
                    [
                        new TimeColumn("time"),
                        new ValueColumn("busy", "Busy, median", LensOperations.Median, Fields.BusyShare, Format: LensFormats.Percent),
                    ],
                    new BarDrawing())),
                new ChartPanel(AllBoards.Half, "Jobs", new LensChart(
                    DataViews.Captures, $"{Fields.Job}: *",
                    [
                        new TermsColumn("job", "Job", Fields.Job, MostKernels, "count"),
                        new NewestColumn("name", "Name", Fields.JobName),
                        new CountColumn("count", "Captures"),
                        new ValueColumn("busy", "Busy", LensOperations.Average, Fields.BusyShare, Format: LensFormats.Percent),
                        new ValueColumn("nccl", "NCCL", LensOperations.Average, Fields.NcclShare, Format: LensFormats.Percent),
                        new ValueColumn("cost", "Worst cost", LensOperations.Maximum, Fields.CaptureCost, Format: LensFormats.Percent),
                    ],
                    new TableDrawing("count")))),
            new BoardRow(18, new SearchPanel(AllBoards.Full, SavedSearches.CapturesWithTriage)),
            new BoardRow(12, new SearchPanel(AllBoards.Full, SavedSearches.RefusedCaptures)),
        ]);

    private static ChartPanel Number(string title, string color, DataView view, LensColumn column, string query) =>
        new(AllBoards.Quarter, title, new LensChart(view, query, [column], new NumberDrawing(color)));
}
