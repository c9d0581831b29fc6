using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Storage;
using Xunit;

namespace Monitoring.Tests.Collector.Storage;

public sealed class RecordIndexTests
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
        var index = new RecordIndex<NoMarks>();
        var random = new Random(7);
        var times = Enumerable.Range(0, 500).Select(_ => random.Next(0, 100)).ToArray();
        for (var number = 0; number < times.Length; number++)
            index.Add(new RecordEntry<NoMarks>(KeyOf(number), times[number], default, (ulong)number + 1));
        index.Publish();

        var seen = new List<RecordCursor>();
        while (index.Published.Find(default(Anything), seen.Count > 0 ? seen[^1] : null, 7) is [_, ..] page) seen.AddRange(page);

        seen.Should().HaveCount(500).And.BeInDescendingOrder().And.OnlyHaveUniqueItems();
    }

    private static bool AgreesWithList((int What, int Count)[] script)
    {
        var index = new RecordIndex<NoMarks>();
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
                        index.Add(new RecordEntry<NoMarks>(KeyOf(next), next, default, (ulong)next));
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
                    var (byAge, bySize) = index.ForgetBefore((ulong)gone[^1] + 1, long.MinValue);
                    if (byAge != 0 || bySize != gone.Count) return false;
                    published.RemoveRange(0, gone.Count);
                    index.Publish();
                    break;
            }
        }

        var view = index.Published;
        return view.Count == published.Count
            && published.All(number => index.Has(KeyOf(number)) && view.HasSequence((ulong)number) && view.Find(KeyOf(number)) == (ulong)number || published.Count > 3000)
            && added.All(number => index.Has(KeyOf(number)))
            && Enumerable.Range(1, Math.Min(next, 200)).All(number => index.Has(KeyOf(number)) == (published.Contains(number) || added.Contains(number)));
    }

    private static RecordKey KeyOf(int number) => new((ulong)number, 0);
}
