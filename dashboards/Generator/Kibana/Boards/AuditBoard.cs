using Monitoring.Dashboards.Generator.Kibana.Lens;

namespace Monitoring.Dashboards.Generator.Kibana.Boards;

/// <summary>Who asked for what, and what became of it.</summary>
internal static class AuditBoard
{
    private const int Most = 20;

    public static Board Board { get; } = new(
        "audit", "GPU: audit", "Who asked what of captures and schedules, from where, and with what outcome.", "now-30d",
        [
            new BoardControl(DataViews.Audit, Fields.AuditBy, "Who"),
            new BoardControl(DataViews.Audit, Fields.Action, "What"),
            new BoardControl(DataViews.Audit, Fields.AuditOutcome, "Outcome"),
        ],
        [
            new BoardRow(4, AllBoards.Links("Rules, alerts and schedules ask too: they stand beside people under their names.")),
            new BoardRow(
                6,
                Number("Asked", AllBoards.Plain, new CountColumn("count", "Asked"), ""),
                Number("Not granted", AllBoards.Bad, new CountColumn("count", "Refused"), $"{Fields.AuditOutcome}: refused"),
                Number("By different names", AllBoards.Plain, new ValueColumn("who", "Names", LensOperations.Different, Fields.AuditBy), ""),
                Number("Removed", AllBoards.Plain, new CountColumn("count", "Removed"), $"{Fields.Action}: (delete or schedule_delete)")),
            new BoardRow(
                12,
                new ChartPanel(AllBoards.Half, "Over time by outcome", new LensChart(
                    DataViews.Audit, "",
                    [new TermsColumn("outcome", "Outcome", Fields.AuditOutcome, 3, "count"), new TimeColumn("time"), new CountColumn("count", "Asked")],
                    new BarDrawing())),
                new ChartPanel(AllBoards.Quarter, "What was asked", new LensChart(
                    DataViews.Audit, "",
                    [new TermsColumn("action", "What", Fields.Action, Most, "count"), new CountColumn("count", "Asked")],
                    new RingDrawing())),
                new ChartPanel(AllBoards.Quarter, "Why it was refused", new LensChart(
                    DataViews.Audit, $"{Fields.AuditOutcome}: refused",
                    [new TermsColumn("reason", "Reason", Fields.CaptureRefusal, Most, "count"), new CountColumn("count", "Refused")],
                    new BarDrawing(IsHorizontal: true)))),
            new BoardRow(
                12,
                new ChartPanel(AllBoards.Half, "Who asked", new LensChart(
                    DataViews.Audit, "",
                    [
                        new TermsColumn("who", "Who", Fields.AuditBy, Most, "count"),
                        new CountColumn("count", "Asked"),
                        new CountColumn("refused", "Refused", $"{Fields.AuditOutcome}: refused"),
                        new NewestColumn("last", "Newest", Fields.Timestamp, "date"),
                    ],
                    new TableDrawing("count"))),
                new ChartPanel(AllBoards.Half, "From where", new LensChart(
                    DataViews.Audit, "",
                    [
                        new TermsColumn("from", "Address", Fields.SourceAddress, Most, "count"),
                        new CountColumn("count", "Asked"),
                        new ValueColumn("who", "Names", LensOperations.Different, Fields.AuditBy),
                    ],
                    new TableDrawing("count")))),
            new BoardRow(18, new SearchPanel(AllBoards.Full, SavedSearches.AuditOfPerson)),
        ]);

    private static ChartPanel Number(string title, string color, LensColumn column, string query) =>
        new(AllBoards.Quarter, title, new LensChart(DataViews.Audit, query, [column], new NumberDrawing(color)));
}
