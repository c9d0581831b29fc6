using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Events;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Events;

public sealed class EventIndexTests
{
    /// <summary>Steps: add so many, publish, roll back, forget so many of the oldest.</summary>
    [Fact]
    public void It_knows_what_a_list_would_know()
    {
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 3), Gen.Choose(1, 3000)));
        Prop.ForAll(steps.ToArbitrary(), static script => AgreesWithList([.. script])).Check(Fuzzing.Cases(100));
    }

    [Fact]
    public void Pages_follow_each_other_newest_first_though_events_come_late()
    {
        var index = new EventIndex();
        var random = new Random(7);
        var times = Enumerable.Range(0, 500).Select(_ => random.Next(0, 100)).ToArray();
        for (var number = 0; number < times.Length; number++)
            index.Add(new EventEntry(SomeEvent.Record(number) with { Time = SomeEvent.Start.AddSeconds(times[number]) }).At(number + 1));
        index.Publish();

        var seen = new List<EventCursor>();
        var query = new EventQuery { Limit = 7 };
        while (EventIndex.Find(index.Published, query) is [_, ..] page)
        {
            seen.AddRange(page.Take(7));
            query = query with { After = seen[^1] };
        }

        seen.Should().HaveCount(500).And.BeInDescendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void Each_filter_leaves_what_it_asks_for()
    {
        var index = new EventIndex();
        EventRecord[] records = [.. Enumerable.Range(0, 60).Select(static number => SomeEvent.Record(number) with
        {
            Kind = number % 5 == 0 ? EventKinds.Anomaly : EventKinds.Xid, Rule = number % 5 == 0 ? "hot" : null, Code = number % 4 == 0 ? null : number % 4,
            Severity = (EventSeverity)(number % 4), Cluster = number < 30 ? "lab" : "hall",
        })];
        for (var number = 0; number < records.Length; number++) index.Add(new EventEntry(records[number]).At(number + 1));
        index.Publish();

        EventQuery[] queries =
        [
            new() { Node = "n1" }, new() { Cluster = "hall" }, new() { Gpu = 1 }, new() { Uuid = "GPU-4" }, new() { Kind = EventKinds.Anomaly }, new() { Rule = "hot" },
            new() { Code = 3 }, new() { Severity = EventSeverity.Warning }, new() { Since = records[50].Time }, new() { Until = records[4].Time },
            new() { Node = "n2", Severity = EventSeverity.Critical, Since = records[10].Time }, new() { Node = "nobody" },
        ];
        foreach (var query in queries)
        {
            var expected = Enumerable.Range(0, 60).Where(number => query.Matches(records[number])).Reverse().Select(static number => number + 1L);
            EventIndex.Find(index.Published, query).Select(static cursor => cursor.Sequence).Should().Equal(expected, "{0}", query);
        }
    }

    private static bool AgreesWithList((int What, int Count)[] script)
    {
        var index = new EventIndex();
        var published = new List<int>();
        var added = new List<int>();
        var next = 1;
        foreach (var (what, count) in script)
        {
            switch (what)
            {
                case 0:
                    for (var one = 0; one < count; one++, next++)
                    {
                        index.Add(new EventEntry(SomeEvent.Record(next)).At(next));
                        added.Add(next);
                    }

                    break;
                case 1:
                    index.Publish();
                    published.AddRange(added);
                    added.Clear();
                    break;
                case 2:
                    index.Rollback();
                    added.Clear();
                    break;
                default:
                    // As the store does: only what was published is ever forgotten.
                    index.Publish();
                    published.AddRange(added);
                    added.Clear();
                    var gone = published.Take(count).ToList();
                    if (gone.Count == 0) break;
                    var (byAge, bySize) = index.ForgetBefore(gone[^1] + 1, long.MinValue);
                    if (byAge != 0 || bySize != gone.Count) return false;
                    published.RemoveRange(0, gone.Count);
                    index.Publish();
                    break;
            }
        }

        var view = index.Published;
        return view.Count == published.Count
            && published.All(number => index.Has(KeyOf(number)) && view.HasSequence(number) && EventIndex.Find(view, KeyOf(number)) == number || published.Count > 3000)
            && added.All(number => index.Has(KeyOf(number)))
            && Enumerable.Range(1, Math.Min(next, 200)).All(number => index.Has(KeyOf(number)) == (published.Contains(number) || added.Contains(number)));
    }

    private static EventKey KeyOf(int number) => EventKey.Of(SomeEvent.IdOf(number));
}
