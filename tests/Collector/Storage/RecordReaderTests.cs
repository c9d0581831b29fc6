using FluentAssertions;
using Monitoring.Collector.Storage;
using Xunit;

namespace Monitoring.Tests.Collector.Storage;

public sealed class RecordReaderTests : IDisposable
{
    private const int Records = 100;

    private readonly FailingRecordLog log = new();
    private readonly RecordIndex<NoMarks> index = new();
    private readonly RecordReader<NoMarks> reader;

    public RecordReaderTests()
    {
        for (byte number = 0; number < Records; number++) index.Add(new RecordEntry<NoMarks>(new RecordKey(number, 0), number, default, log.Append(1, [number])));
        index.Publish();
        reader = new RecordReader<NoMarks>(log, index);
    }

    public void Dispose() => log.Dispose();

    [Theory]
    [InlineData(0, int.MaxValue, int.MaxValue)] // as many are found as the page still takes
    [InlineData(40, int.MaxValue, int.MaxValue)] // more are found, of which few are shown
    [InlineData(0, 5, int.MaxValue)] // a page ends for its bytes
    [InlineData(40, int.MaxValue, 9)] // or for those that were looked at
    public void Pages_together_have_what_is_wanted_newest_first_and_the_last_one_says_so(int findAtOnce, int mostBytes, int mostRecords)
    {
        var paging = new RecordPaging(mostBytes, ReadAtOnce: 6, mostRecords);
        var seen = new List<byte>();
        RecordCursor? after = null;
        do
        {
            var page = reader.Query(default(Anything), after, 7, findAtOnce, paging, static record => IsThird(record) ? record : default(ReadOnlyMemory<byte>?));
            page.Documents.Count.Should().BeLessThanOrEqualTo(Math.Min(7, mostBytes));
            seen.AddRange(page.Documents.Select(static document => document.Span[0]));
            after = page.Next;
        }
        while (after is not null);

        seen.Should().Equal(Enumerable.Range(0, Records).Where(static number => number % 3 == 0).Reverse().Select(static number => (byte)number));

        static bool IsThird(ReadOnlyMemory<byte> record) => record.Span[0] % 3 == 0;
    }

    [Fact]
    public void What_retention_deleted_meanwhile_is_passed_over()
    {
        log.DeleteBefore(50);
        reader.Find(new RecordKey(48, 0)).Should().BeNull();
        reader.Find(new RecordKey(49, 0))!.Value.Span[0].Should().Be(49);
        var page = reader.Query(default(Anything), null, Records, 0, new RecordPaging(int.MaxValue, ReadAtOnce: 6), static record => record);
        (page.Documents.Count, page.Next).Should().Be((51, null));
    }

    [Fact]
    public void What_is_not_published_is_not_read()
    {
        index.Add(new RecordEntry<NoMarks>(new RecordKey(Records, 0), Records, default, log.Append(1, [Records])));
        reader.Find(new RecordKey(Records, 0)).Should().BeNull();
        reader.Read(98).Select(static record => record.Sequence).Should().Equal(98, 99, 100);
        index.Publish();
        reader.Read(98).Should().HaveCount(4);
    }
}
