using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Elasticsearch.Spool;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Spool;

public sealed class DocumentSpoolTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("spool-").FullName;
    private readonly ManualTimeProvider time = new();
    private SpoolOptions options = new() { Name = "agent" };

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Documents_come_in_order_as_they_were_appended()
    {
        using var spool = Open();
        spool.Append("index-ä", "id-1", "{\"a\":1}"u8).Should().BeNull();
        spool.Append("index", "id-2", "{}"u8).Should().BeNull();
        spool.Waiting.Should().Be(2);

        var read = new List<SourceDocument>();
        spool.Read(read, 10, long.MaxValue).Should().BeFalse();
        read.Select(static document => (document.Place, document.Index, document.Id, Encoding.UTF8.GetString(document.Json.Span))).Should().Equal((1, "index-ä", "id-1", "{\"a\":1}"), (2, "index", "id-2", "{}"));
        spool.Waiting.Should().Be(2);
        foreach (var document in read) spool.Settle(document);
        spool.Waiting.Should().Be(0);
    }

    [Fact]
    public void Reading_keeps_its_limits_and_goes_on_where_it_ended()
    {
        using var spool = Open();
        Append(spool, 10);
        Read(spool, 3).Should().Equal(1, 2, 3);
        var read = new List<SourceDocument>();
        spool.Read(read, 10, 250).Should().BeTrue();
        read.Select(static document => document.Place).Should().Equal(4, 5, 6);
        Append(spool, 2);
        Read(spool, 100).Should().Equal(7, 8, 9, 10, 11, 12);
    }

    [Fact]
    public void What_was_not_settled_before_a_gap_comes_again_after_a_sudden_end()
    {
        var spool = Open();
        Append(spool, 10);
        var read = new List<SourceDocument>();
        spool.Read(read, 10, long.MaxValue);
        foreach (var document in read.Where(static document => document.Place is not (4 or 8))) spool.Settle(document);
        spool.Commit();
        Kill(spool);

        using var again = Open();
        again.Waiting.Should().Be(7);
        Read(again, 100).Should().Equal(4, 5, 6, 7, 8, 9, 10);
    }

    [Fact]
    public void What_was_settled_and_not_committed_comes_again()
    {
        var spool = Open();
        Append(spool, 2);
        Settle(spool, 2);
        Kill(spool);
        using var again = Open();
        Read(again, 100).Should().Equal(1, 2);
    }

    [Fact]
    public void What_was_appended_by_the_dead_process_is_there_though_it_never_flushed()
    {
        options = options with { UnflushedBytes = int.MaxValue, UnflushedTime = TimeSpan.MaxValue };
        var spool = Open();
        Append(spool, 5);
        Kill(spool);
        using var again = Open();
        Read(again, 100).Should().Equal(1, 2, 3, 4, 5);
    }

    [Fact]
    public void The_oldest_documents_are_dropped_and_counted_before_the_bound_is_exceeded()
    {
        options = options with { MaximumBytes = 64 << 10 };
        using var spool = Open();
        Append(spool, 2000);

        spool.Bytes.Should().BeLessThanOrEqualTo(64 << 10);
        var left = Read(spool, 10_000);
        left.Should().BeInAscendingOrder().And.EndWith([2000]);
        Dropped(spool, "spool_full").Should().Be(2000 - left.Count);
        spool.Waiting.Should().Be(left.Count);
    }

    [Fact]
    public void What_was_read_before_its_file_was_dropped_is_not_lost()
    {
        options = options with { MaximumBytes = 64 << 10 };
        using var spool = Open();
        Append(spool, 50);
        var read = new List<SourceDocument>();
        spool.Read(read, 50, long.MaxValue);
        Append(spool, 2000);
        foreach (var document in read) spool.Settle(document);
        spool.Commit();

        var left = Read(spool, 10_000);
        Dropped(spool, "spool_full").Should().Be(2000 - left.Count);
        left.Should().NotContain(place => place <= 50);
    }

    [Fact]
    public void What_was_dropped_is_not_counted_again_after_the_start()
    {
        options = options with { MaximumBytes = 64 << 10 };
        var spool = Open();
        Append(spool, 2000);
        var left = Read(spool, 1).Single();
        spool.Commit();
        Kill(spool);
        using var again = Open();
        Dropped(again, "spool_full").Should().Be(0);
        Read(again, 1).Should().Equal(left);
    }

    [Fact]
    public void A_document_that_no_file_can_hold_is_refused_and_counted()
    {
        options = options with { MaximumBytes = 64 << 10 };
        using var spool = Open();
        spool.Append("index", "id", new byte[5000]).Should().Contain("over the limit");
        Dropped(spool, "too_large").Should().Be(1);
    }

    [Fact]
    public void A_log_whose_end_was_lost_loses_nothing_that_comes_after()
    {
        var spool = Open();
        Append(spool, 10);
        Settle(spool, 10);
        spool.Commit();
        Kill(spool);
        // A power cut takes records that were never flushed, while the small file of the ledger was.
        var file = Directory.GetFiles(directory, "*.segment").Single();
        using (var cut = File.Open(file, FileMode.Open)) cut.SetLength(cut.Length / 2);

        using (var again = Open())
        {
            Append(again, 8);
            Read(again, 100).Should().HaveCount(8);
        }
        using var third = Open();
        Read(third, 100).Should().HaveCount(8);
    }

    [Fact]
    public void Damaged_documents_are_counted_and_the_others_come()
    {
        options = options with { MaximumBytes = 64 << 10 };
        var spool = Open();
        Append(spool, 200);
        Kill(spool);
        var file = Directory.GetFiles(directory, "*.segment").Order(StringComparer.Ordinal).First();
        using (var damaged = File.Open(file, FileMode.Open))
        {
            damaged.Position = 2000;
            damaged.Write(new byte[100]);
        }
        using var again = Open();
        var left = Read(again, 1000);
        left.Should().EndWith([200]);
        (left.Count + Dropped(again, "damaged")).Should().Be(200);
        again.Waiting.Should().Be(left.Count);
    }

    [Fact]
    public async Task Waiting_ends_when_something_is_appended()
    {
        using var spool = Open();
        var waiting = spool.WaitAsync(CancellationToken.None).AsTask();
        waiting.IsCompleted.Should().BeFalse();
        Append(spool, 1);
        await waiting.WaitAsync(Eventually.Patience);
        spool.Dispose();
        using var again = Open();
        await again.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Eventually.Patience);
    }

    [Fact]
    public void Threads_that_append_at_once_lose_nothing()
    {
        using var spool = Open();
        Parallel.For(0, 8, worker => Append(spool, 250));
        Read(spool, 10_000).Should().HaveCount(2000);
    }

    [Fact]
    public void A_document_of_any_bytes_comes_back_as_it_was()
    {
        Prop.ForAll<NonNull<string>, byte[]>(static (name, json) =>
        {
            var text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name.Get));
            var record = SpoolRecord.Write(text, text + "x", json);
            return SpoolRecord.TryRead(record, out var index, out var id, out var read) && index == text && id == text + "x" && read.Span.SequenceEqual(json);
        }).Check(Fuzzing.Cases(100));
        Prop.ForAll<byte[]>(static bytes =>
        {
            _ = SpoolRecord.TryRead(bytes, out _, out _, out _);
            return true;
        }).Check(Fuzzing.Cases(100));
    }

    /// <summary>Leaves the directory as a process that died: nothing is flushed or committed, the kernel gives the lock back.</summary>
    private void Kill(DocumentSpool spool)
    {
        var settled = Path.Combine(directory, "settled");
        var before = File.Exists(settled) ? File.ReadAllBytes(settled) : null;
        spool.Dispose();
        if (before is null) File.Delete(settled);
        else File.WriteAllBytes(settled, before);
    }

    private DocumentSpool Open() => DocumentSpool.Open(directory, options, time);

    private static void Append(DocumentSpool spool, int count)
    {
        for (var added = 0; added < count; added++) spool.Append("logs-gpu.agent-default-2026.01.01-000001", "id", Encoding.ASCII.GetBytes($"{{\"pad\":\"{new string('x', 90)}\"}}")).Should().BeNull();
    }

    private static List<ulong> Read(DocumentSpool spool, int limit)
    {
        var read = new List<SourceDocument>();
        spool.Read(read, limit, long.MaxValue);
        return [.. read.Select(static document => document.Place)];
    }

    private static void Settle(DocumentSpool spool, int count)
    {
        var read = new List<SourceDocument>();
        spool.Read(read, count, long.MaxValue);
        foreach (var document in read) spool.Settle(document);
    }

    private static long Dropped(DocumentSpool spool, string reason) => spool.Dropped.Single(dropped => dropped.Key == reason).Value;
}
