using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Delivery;

public sealed class DocumentWindowTests
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_suspected_group_is_split_down_to_single_documents_and_none_is_lost_or_twice() => Prop.ForAll<PositiveInt>(static size =>
    {
        var window = new DocumentWindow(10_000, long.MaxValue);
        var group = Documents(size.Get);
        foreach (var waiting in group) window.Add(waiting, isToBeSent: false);
        window.Suspect(group.Count > 1 ? group : [.. group, .. Documents(1, 100_000)]);
        var singles = new List<ulong>();
        while (window.Take(default, 1000, 1 << 20, Age) is { } part)
        {
            if (part.Count > 1) window.Suspect(part);
            else singles.Add(part[0].Document.Place);
        }
        return singles.Distinct().Count() == singles.Count && group.All(waiting => singles.Contains(waiting.Document.Place));
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void Requests_keep_both_limits_unless_one_document_alone_is_over_it_and_take_every_document_once() => Prop.ForAll<PositiveInt[], PositiveInt, PositiveInt>(static (sizes, documents, kilobytes) =>
    {
        var window = new DocumentWindow(int.MaxValue, long.MaxValue);
        var all = sizes.Select(static (size, at) => Waiting((ulong)at + 1, size.Get * 100)).ToList();
        for (var at = 0; at < all.Count; at++)
        {
            window.Add(all[at], isToBeSent: at % 3 != 0);
            if (at % 3 == 0) window.Retry(all[at], TimeSpan.FromSeconds(at % 7));
        }
        var seen = new List<WaitingDocument>();
        while (window.Take(TimeSpan.FromMinutes(1), documents.Get, kilobytes.Get * 1000, Age) is { } batch)
        {
            if (batch.Count > 1 && (batch.Count > documents.Get || batch.Sum(static waiting => waiting.Bytes) > kilobytes.Get * 1000)) return false;
            seen.AddRange(batch);
        }
        foreach (var waiting in seen) window.Remove(waiting);
        return seen.Count == all.Count && seen.Distinct().Count() == all.Count && window is { Documents: 0, Bytes: 0, FreshBytes: 0 };
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void What_is_not_due_is_not_taken()
    {
        var window = new DocumentWindow(10, long.MaxValue);
        var waiting = Waiting(1, 10);
        window.Add(waiting, isToBeSent: false);
        window.Retry(waiting, TimeSpan.FromSeconds(5));
        window.Take(TimeSpan.FromSeconds(4), 10, 1000, Age).Should().BeNull();
        window.NextDue(10, 1000, Age).Should().Be(TimeSpan.FromSeconds(5));
        window.Take(TimeSpan.FromSeconds(5), 10, 1000, Age).Should().Equal(waiting);
        window.NextDue(10, 1000, Age).Should().BeNull();
    }

    [Fact]
    public void A_limit_is_halved_and_raised_and_does_not_try_a_refused_size_too_soon()
    {
        var limit = new BatchLimit(1 << 20);
        limit.Refuse(600_000, TimeSpan.Zero);
        limit.Bytes.Should().Be(300_000);
        for (var full = 0; full < 100; full++) limit.Grow(limit.Bytes, TimeSpan.FromMinutes(1));
        limit.Bytes.Should().Be(599_999);
        limit.Grow(10, TimeSpan.FromHours(1));
        limit.Bytes.Should().Be(599_999, "a request that was not full says nothing");
        for (var full = 0; full < 100; full++) limit.Grow(limit.Bytes, TimeSpan.FromHours(1));
        limit.Bytes.Should().Be(1 << 20);
        for (var busy = 0; busy < 100; busy++) limit.Shrink(limit.Bytes);
        limit.Bytes.Should().Be(4096);
    }

    private static List<WaitingDocument> Documents(int count, ulong from = 1) => [.. Enumerable.Range(0, count).Select(at => Waiting(from + (ulong)at, 10))];

    private static WaitingDocument Waiting(ulong place, int bytes) => new(new SourceDocument(place, "i", "x", new byte[bytes]), default, default);
}
