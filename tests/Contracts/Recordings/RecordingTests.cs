using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;
using Xunit;

namespace Monitoring.Tests.Contracts.Recordings;

public sealed class RecordingTests
{
    internal static readonly RecordingHeader Header = new("node-1", "cluster-1", "boot-1", "0.1.0", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 10_000_000) { DriverVersion = "580.1" };

    private static readonly RecordedLayout Gpu = new(new RecordedGpu(3, "GPU-3", "16", "00000000:62:00.0", "NVIDIA H100"),
    [
        new("gpu_power_watts", [], 0),
        new("gpu_clock_hertz", [new("domain", "sm")], 0),
        new("gpu_ecc_errors_total", [new("type", "correctable"), new("location", "dram")], 2),
    ]);

    private static readonly RecordedLayout Node = new(null, [new("gpu_devices", [], 0)]);

    private static readonly EventRecord Xid = new()
    {
        Id = EventId.Of("1"), Time = Header.Started, Node = "node-1", Kind = EventKinds.Xid, Code = 79, Title = "XID 79 on GPU 3",
        Gpu = new GpuReference(3, "GPU-3"), Severity = EventSeverity.Critical,
    };

    [Fact]
    public void What_was_written_is_read_bit_for_bit()
    {
        double[][] frames =
        [
            [512.345, 1.98e9, double.NaN],
            [512.344, 1.98e9, 0],
            [-0.0, double.PositiveInfinity, 1e300],
            [BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_1234), double.Epsilon, -1],
            [0.1 + 0.2, Math.PI, 9007199254740993],
        ];
        using var file = new MemoryStream();
        var writer = new RecordingWriter(file, Header);
        var gpu = writer.Add(Gpu);
        for (var number = 0; number < frames.Length; number++) writer.Add(gpu, new RecordedStamp(number + number / 3, 1_000_000 * number - 7 * number, 100 * number, 1 + number), frames[number]);
        writer.Add(Xid);
        var node = writer.Add(Node);
        writer.Add(node, new RecordedStamp(0, 5, 6, 7), [8]);
        writer.End(gpu);
        writer.End();

        file.Position = 0;
        var reader = new RecordingReader(file);
        reader.Header.Should().Be(Header);
        reader.Read().Should().Be(RecordingItem.Layout);
        reader.Layout.Should().BeEquivalentTo(Gpu);
        for (var number = 0; number < frames.Length; number++)
        {
            reader.Read().Should().Be(RecordingItem.Frame);
            reader.Stamp.Should().Be(new RecordedStamp(number + number / 3, 1_000_000 * number - 7 * number, 100 * number, 1 + number));
            Bits(reader.Values).Should().Equal(Bits(frames[number]));
        }
        reader.Read().Should().Be(RecordingItem.Event);
        reader.Event.Should().BeEquivalentTo(Xid);
        reader.Read().Should().Be(RecordingItem.Layout);
        reader.Layout.Gpu.Should().BeNull();
        reader.Read().Should().Be(RecordingItem.Frame);
        reader.Values.ToArray().Should().Equal(8);
        reader.Read().Should().Be(RecordingItem.Gone);
        reader.Layout.Gpu!.Uuid.Should().Be("GPU-3");
        reader.Read().Should().Be(RecordingItem.End);
        reader.Trouble.Should().BeEmpty();
        (reader.Frames, reader.Events).Should().Be((6, 1));
        reader.Read().Should().Be(RecordingItem.End, "an end lasts");
    }

    [Fact]
    public void A_number_that_a_gone_gpu_had_is_given_again_and_begins_anew()
    {
        using var file = new MemoryStream();
        var writer = new RecordingWriter(file, Header);
        var first = writer.Add(Node);
        writer.Add(first, new RecordedStamp(41, 1, 1, 1), [8]);
        writer.End(first);
        var second = writer.Add(Gpu);
        second.Should().Be(first);
        writer.Add(second, new RecordedStamp(0, 2, 2, 1), [1, 2, 3]);
        writer.End();

        file.Position = 0;
        var reader = new RecordingReader(file);
        RecordingItem[] items = [reader.Read(), reader.Read(), reader.Read(), reader.Read(), reader.Read()];
        items.Should().Equal(RecordingItem.Layout, RecordingItem.Frame, RecordingItem.Gone, RecordingItem.Layout, RecordingItem.Frame);
        reader.Stamp.Number.Should().Be(0);
        reader.Values.ToArray().Should().Equal(1, 2, 3);
    }

    [Fact]
    public void A_file_without_its_end_plays_up_to_its_last_whole_block_and_says_so()
    {
        using var file = new MemoryStream();
        var writer = new RecordingWriter(file, Header);
        var node = writer.Add(Node);
        writer.Add(node, new RecordedStamp(0, 1, 1, 1), [1]);
        writer.Flush();
        var whole = file.Length;
        writer.FramesInStream.Should().Be(1);
        writer.Add(node, new RecordedStamp(1, 2, 2, 1), [2]);
        writer.End();

        for (var length = whole; length < file.Length; length++)
        {
            var reader = new RecordingReader(new MemoryStream(file.GetBuffer(), 0, (int)length));
            while (reader.Read() != RecordingItem.End) { }
            reader.Frames.Should().Be(1);
            reader.Trouble.Should().Be("its end is missing: it stops after 1 frames");
        }
    }

    [Fact]
    public void A_file_that_is_no_recording_is_refused_in_words()
    {
        Opening("no recording at all"u8.ToArray()).Should().Throw<RecordingException>().WithMessage("is no recording*");
        Opening([]).Should().Throw<RecordingException>().WithMessage("is no recording*");
        Opening("gpurec\n\x09"u8.ToArray()).Should().Throw<RecordingException>().WithMessage("is a recording of version 9; this program reads version 1");
        Opening("gpurec\n\x01"u8.ToArray()).Should().Throw<RecordingException>().WithMessage("*without its header*");
    }

    [Fact]
    public void A_layout_that_no_reader_would_take_is_refused_when_it_is_written()
    {
        var writer = new RecordingWriter(Stream.Null, Header);
        var tooMany = () => writer.Add(new RecordedLayout(null, [.. Enumerable.Repeat(new RecordedSeries("gpu_devices", [], 0), 65_537)]));
        tooMany.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Frames_that_repeat_themselves_cost_a_few_bytes()
    {
        using var file = new MemoryStream();
        var writer = new RecordingWriter(file, Header);
        var gpu = writer.Add(Gpu);
        var start = writer.Bytes;
        for (var number = 0; number < 36_000; number++)
            writer.Add(gpu, new RecordedStamp(number, 100_000L * number, 1_000_000L * number, 1), [500 + number % 7, 1.98e9, 0]);
        writer.End();
        (writer.Bytes - start).Should().BeLessThan(36_000 * 2);
    }

    private static Func<RecordingReader> Opening(byte[] bytes) => () => new RecordingReader(new MemoryStream(bytes));

    private static long[] Bits(ReadOnlySpan<double> values)
    {
        var bits = new long[values.Length];
        for (var place = 0; place < bits.Length; place++) bits[place] = BitConverter.DoubleToInt64Bits(values[place]);
        return bits;
    }
}
