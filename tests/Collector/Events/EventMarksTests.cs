using FluentAssertions;
using Monitoring.Collector.Events;
using Monitoring.Collector.Storage;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Events;

public sealed class EventMarksTests
{
    [Fact]
    public void Each_filter_leaves_what_it_asks_for()
    {
        var index = new RecordIndex<EventMarks>();
        EventRecord[] records = [.. Enumerable.Range(0, 60).Select(static number => SomeEvent.Record(number) with
        {
            Kind = number % 5 == 0 ? EventKinds.Anomaly : EventKinds.Xid, Rule = number % 5 == 0 ? "hot" : null, Code = number % 4 == 0 ? null : number % 4,
            Severity = (EventSeverity)(number % 4), Cluster = number < 30 ? "lab" : "hall",
        })];
        for (var number = 0; number < records.Length; number++) index.Add(EventMarks.EntryOf(records[number]) with { Sequence = (ulong)number + 1 });
        index.Publish();

        EventQuery[] queries =
        [
            new() { Node = "n1" }, new() { Cluster = "hall" }, new() { Gpu = 1 }, new() { Uuid = "GPU-4" }, new() { Kind = EventKinds.Anomaly }, new() { Rule = "hot" },
            new() { Code = 3 }, new() { Severity = EventSeverity.Warning }, new() { Since = records[50].Time }, new() { Until = records[4].Time },
            new() { Node = "n2", Severity = EventSeverity.Critical, Since = records[10].Time }, new() { Node = "nobody" },
        ];
        foreach (var query in queries)
        {
            var expected = Enumerable.Range(0, 60).Where(number => query.Matches(records[number])).Reverse().Select(static number => (ulong)number + 1);
            index.Published.Find(new EventMarks.Sought(query), null, 100).Select(static cursor => cursor.Sequence).Should().Equal(expected, "{0}", query);
        }
    }
}
