using FluentAssertions;
using Monitoring.Segments;
using Xunit;
using static Monitoring.Tests.Segments.LogDirectory;

namespace Monitoring.Tests.Segments;

public sealed class SegmentLogTests : IDisposable
{
    private readonly LogDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Records_come_back_in_order_with_their_types_also_after_opening_again()
    {
        using (var log = directory.Open())
        {
            log.Append(1, "one"u8).Should().Be(1);
            log.Append(200, []).Should().Be(2);
            log.Read().Select(static record => record.Sequence).Should().Equal(1, 2);
        }
        using var again = directory.Open();
        var records = again.Read().ToList();

        records.Select(static record => (record.Sequence, record.Type, record.Payload.Length)).Should().Equal((1, 1, 3), (2, 200, 0));
        again.Append(1, "three"u8).Should().Be(3);
    }

    [Fact]
    public void Reading_starts_where_it_is_told_to_across_segments()
    {
        using var log = directory.Open();
        Fill(log, 100);

        log.SegmentCount.Should().BeGreaterThan(2);
        Sequences(log, 50).Should().Equal(Range(50, 100));
        Sequences(log, 101).Should().BeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(110)]
    public void A_torn_last_record_is_cut_off_and_counted(int bytes)
    {
        using (var log = directory.Open()) Fill(log, 10);
        using (var file = File.Open(directory.Files[^1], FileMode.Open)) file.SetLength(file.Length - bytes);

        using var again = directory.Open();

        again.TornRecords.Should().Be(1);
        again.Damages.Should().BeEmpty();
        Sequences(again).Should().Equal(Range(1, 9));
        again.Append(1, Payload(10)).Should().Be(10);
        Sequences(again).Should().Equal(Range(1, 10));
    }

    [Fact]
    public void A_corrupt_record_in_the_middle_ends_its_segment_and_later_segments_are_read()
    {
        using (var log = directory.Open()) Fill(log, 100);
        Flip(directory.Files[0], 1000);

        var told = new List<SegmentDamage>();
        using var again = SegmentLog.Open(directory.DirectoryPath, directory.Options with { Damaged = told.Add }, directory.Time);

        var read = Sequences(again);
        read.Should().StartWith(Range(1, 8)).And.EndWith(Range(90, 100)).And.BeInAscendingOrder();
        Sequences(again).Should().Equal(read);
        told.Should().ContainSingle().Which.Path.Should().Be(directory.Files[0]);
    }

    [Fact]
    public void A_corrupt_record_in_the_last_segment_closes_it_and_no_number_is_given_twice()
    {
        using (var log = directory.Open()) Fill(log, 20);
        Flip(directory.Files[^1], 1000);

        using var again = directory.Open();
        var next = again.Append(1, Payload(again.NextSequence));

        next.Should().BeGreaterThan(20);
        again.TornRecords.Should().Be(0);
        again.Damages.Should().ContainSingle();
        Sequences(again).Should().Equal([.. Range(1, 8), next]);
    }

    [Fact]
    public void A_file_that_is_no_segment_is_left_alone()
    {
        var foreign = new[] { "notes.txt", "1.segment", "00000000000000000007.segment" }.Select(name => Path.Combine(directory.DirectoryPath, name)).ToArray();
        foreach (var file in foreign) File.WriteAllText(file, new string('n', 300));

        using var log = directory.Open();
        Fill(log, 3);

        foreign.Should().OnlyContain(static file => File.ReadAllText(file) == new string('n', 300));
        log.Read().Should().HaveCount(3).And.OnlyContain(static record => record.Sequence > 7);
        log.Damages.Should().ContainSingle().Which.Path.Should().Be(foreign[2]);
    }

    [Fact]
    public void A_segment_that_was_just_being_begun_counts_as_torn()
    {
        using (var log = directory.Open()) Fill(log, 3);
        File.WriteAllBytes(Path.Combine(directory.DirectoryPath, "00000000000000000004.segment"), [.. "GPUSEGM\n"u8, 1, 0]);

        using var again = directory.Open();

        again.TornRecords.Should().Be(1);
        again.Append(1, Payload(4)).Should().Be(4);
    }

    [Fact]
    public void All_segments_together_stay_within_their_bytes_and_what_is_deleted_is_told()
    {
        var deleted = new List<DeletedSegment>();
        using var log = SegmentLog.Open(directory.DirectoryPath, directory.Options with { MaximumBytes = 4 * SegmentBytes, SegmentDeleted = deleted.Add }, directory.Time);
        for (var index = 0; index < 500; index++)
        {
            log.Append(1, Payload(log.NextSequence));
            log.Bytes.Should().BeLessThanOrEqualTo(4 * SegmentBytes);
        }
        directory.Files.Sum(static file => new FileInfo(file).Length).Should().Be(log.Bytes);
        deleted.Should().OnlyContain(static segment => segment.Reason == RetentionReason.Bytes);
        deleted[^1].EndSequence.Should().Be(log.FirstSequence);
        Sequences(log).Should().Equal(Range(log.FirstSequence, 500));
    }

    [Fact]
    public void Segments_over_the_age_limit_are_deleted_but_never_the_one_being_written()
    {
        using var log = SegmentLog.Open(directory.DirectoryPath, directory.Options with { MaximumAge = TimeSpan.FromDays(8) }, directory.Time);
        for (var day = 0; day < 20; day++)
        {
            Fill(log, 1);
            directory.Time.Advance(TimeSpan.FromDays(1.5));
            log.Retain();
        }
        Sequences(log).Should().Equal(Range(15, 20));
        directory.Time.Advance(TimeSpan.FromDays(100));
        log.Retain();
        Sequences(log).Should().Equal(20ul);
    }

    [Fact]
    public void Every_segment_begins_with_what_its_owner_puts_there()
    {
        using var log = SegmentLog.Open(directory.DirectoryPath, directory.Options with { SegmentStarted = static log => log.Append(9, new byte[2000]) }, directory.Time);
        Fill(log, 60);

        var types = log.Read().Select(static record => record.Type).ToList();
        types.Should().HaveCount((int)log.NextSequence - 1);
        types.Where(static type => type == 9).Should().HaveCount(log.SegmentCount).And.HaveCountGreaterThan(2);
        types[0].Should().Be(9);
    }

    [Fact]
    public void A_directory_that_it_makes_is_the_owners_alone()
    {
        using var log = SegmentLog.Open(Path.Combine(directory.DirectoryPath, "state", "journal"), new SegmentLogOptions { MaximumBytes = 1 << 20 }, TimeProvider.System);

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(log.DirectoryPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_directory_is_open_once()
    {
        using var log = directory.Open();

        var open = () => directory.Open();

        open.Should().Throw<IOException>().WithMessage("*in use by another process*");
    }

    [Fact]
    public void A_payload_that_no_segment_holds_is_refused()
    {
        using var log = directory.Open();

        var append = () => log.Append(1, new byte[SegmentBytes]);

        append.Should().Throw<ArgumentException>().WithMessage("*4096 bytes is over the limit of 4047*");
        log.NextSequence.Should().Be(1);
    }

    [Fact]
    public void A_reader_goes_on_while_its_segments_are_deleted()
    {
        using var log = SegmentLog.Open(directory.DirectoryPath, directory.Options with { MaximumBytes = 2 * SegmentBytes }, directory.Time);
        Fill(log, 40);
        using var reader = log.Read().GetEnumerator();
        reader.MoveNext().Should().BeTrue();
        var first = reader.Current.Sequence;

        Fill(log, 100);

        var read = 1;
        while (reader.MoveNext()) reader.Current.Sequence.Should().Be(first + (ulong)read++);
    }

    private static void Flip(string path, long offset)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x10));
    }
}
