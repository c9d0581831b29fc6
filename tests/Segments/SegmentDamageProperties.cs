using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static Monitoring.Tests.Segments.LogDirectory;

namespace Monitoring.Tests.Segments;

/// <summary>Whatever becomes of the files: opening and reading never throw and never give a record that was not written.</summary>
public sealed class SegmentDamageProperties : IDisposable
{
    private const int Records = 90;
    private readonly LogDirectory written = new();

    public SegmentDamageProperties()
    {
        using var log = written.Open();
        Fill(log, Records);
    }

    public void Dispose() => written.Dispose();

    [Fact]
    public void A_bit_that_flips_costs_no_more_than_the_rest_of_its_segment() =>
        Check(static (bytes, place) => bytes[place % bytes.Length] ^= (byte)(1 << (place % 8)));

    [Fact]
    public void A_file_that_is_cut_off_costs_no_more_than_its_end() => Check(static (ref bytes, place) => bytes = bytes[..(place % bytes.Length)]);

    [Fact]
    public void A_stretch_of_zeros_costs_no_more_than_the_rest_of_its_segment() =>
        Check(static (bytes, place) => bytes.AsSpan(place % bytes.Length, Math.Min(500, bytes.Length - place % bytes.Length)).Clear());

    [Fact]
    public void A_stretch_that_stands_twice_is_not_read_twice() =>
        Check(static (ref bytes, place) => bytes = [.. bytes[..(place % bytes.Length)], .. bytes[(place / 7 % bytes.Length)..]]);

    private delegate void Change(ref byte[] bytes, int place);

    private void Check(Action<byte[], int> harm) => Check((ref bytes, place) => harm(bytes, place));

    private void Check(Change harm) => Prop.ForAll(
        Gen.Choose(0, written.Files.Count - 1).SelectMany(static _ => Gen.Choose(0, 1 << 20), static (file, place) => (file, place)).ToArbitrary(),
        input => Holds(input.file, input.place, harm)).Check(Fuzzing.Cases(100));

    private bool Holds(int file, int place, Change harm)
    {
        using var copy = new LogDirectory();
        foreach (var path in written.Files) File.Copy(path, Path.Combine(copy.DirectoryPath, Path.GetFileName(path)));
        var bytes = File.ReadAllBytes(copy.Files[file]);
        harm(ref bytes, place);
        File.WriteAllBytes(copy.Files[file], bytes);
        using var log = copy.Open();
        var read = Sequences(log);
        read.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems().And.OnlyContain(static sequence => sequence <= Records);
        // Everything of the other files is there.
        var (from, to) = Span(file);
        read.Where(sequence => sequence < from || sequence >= to).Should().Equal(Range(1, Records).Where(sequence => sequence < from || sequence >= to));
        log.NextSequence.Should().BeGreaterThan(read.LastOrDefault());
        log.Append(1, Payload(log.NextSequence)).Should().BeGreaterThan(read.LastOrDefault());
        Sequences(log).Should().HaveCount(read.Count + 1);
        return true;
    }

    private (ulong From, ulong To) Span(int file)
    {
        var firsts = written.Files.Select(static path => ulong.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture)).Append(Records + 1ul).ToList();
        return (firsts[file], firsts[file + 1]);
    }
}
