using System.Buffers.Binary;
using System.IO.Compression;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;
using Xunit;

namespace Monitoring.Tests.Contracts.Recordings;

/// <summary>Recordings come from anywhere: whatever the bytes are, they are read to an end in words.</summary>
public sealed class RecordingFuzzTests
{
    private static readonly Config Thorough = Fuzzing.Cases(500);

    [Fact]
    public void Random_values_come_back_bit_for_bit() => Prop.ForAll<double[], double[]>((before, now) =>
    {
        var count = Math.Min(before.Length, now.Length);
        using var file = new MemoryStream();
        var writer = new RecordingWriter(file, RecordingTests.Header);
        var layout = writer.Add(new RecordedLayout(null, [.. Enumerable.Repeat(new RecordedSeries("gpu_devices", [], 0), count)]));
        writer.Add(layout, default, before.AsSpan(0, count));
        writer.Add(layout, new RecordedStamp(1, 1, 1, 1), now.AsSpan(0, count));
        writer.End();
        file.Position = 0;
        var reader = new RecordingReader(file);
        reader.Read();
        reader.Read();
        var first = reader.Values.ToArray();
        reader.Read();
        return first.SequenceEqual(before.Take(count)) && reader.Values.ToArray().SequenceEqual(now.Take(count)) && reader.Read() == RecordingItem.End && reader.Trouble.Length == 0;
    }).Check(Thorough);

    [Fact]
    public void Random_bytes_after_the_magic_are_read_to_an_end() => Prop.ForAll<byte[]>(static noise =>
        ReadsToAnEnd([.. "gpurec\n\x01"u8, .. noise])).Check(Thorough);

    [Fact]
    public void Random_records_in_a_well_formed_block_are_read_to_an_end()
    {
        var valid = Plain();
        // A checksum keeps out what chance does to a file; what somebody writes on purpose has a right one.
        Prop.ForAll<byte[], ushort, byte>((noise, place, length) =>
        {
            var at = place % valid.Length;
            byte[] records = [.. valid[..at], .. noise, .. valid[Math.Min(valid.Length, at + length)..]];
            return ReadsToAnEnd(File(Block(HeaderRecord()), Block(records.Length == 0 ? [0] : records)));
        }).Check(Thorough);
    }

    [Fact]
    public void A_whole_file_with_one_byte_changed_is_read_to_an_end_and_never_taken_for_whole()
    {
        var valid = File(Block(HeaderRecord()), Block(Plain()));
        for (var place = 8; place < valid.Length; place++)
        {
            var changed = valid.ToArray();
            changed[place] ^= 0x10;
            try
            {
                var reader = new RecordingReader(new MemoryStream(changed));
                while (reader.Read() != RecordingItem.End) { }
                reader.Trouble.Should().NotBeEmpty($"byte {place} was changed");
            }
            catch (RecordingException refused)
            {
                refused.Message.Should().NotBeEmpty();
            }
        }
    }

    [Fact]
    public void A_block_that_says_that_it_is_huge_costs_no_memory()
    {
        var bomb = Block(Plain());
        BinaryPrimitives.WriteUInt32LittleEndian(bomb.AsSpan(4), uint.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadsToAnEnd(File(Block(HeaderRecord()), bomb)).Should().BeTrue();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2_000_000);
    }

    private static bool ReadsToAnEnd(byte[] bytes)
    {
        try
        {
            var reader = new RecordingReader(new MemoryStream(bytes));
            while (reader.Read() is not RecordingItem.End and var item)
                if (item == RecordingItem.Frame) _ = reader.Values.Length;
            return true;
        }
        catch (RecordingException)
        {
            return true;
        }
    }

    /// <summary>The records of a small recording, without its header.</summary>
    private static byte[] Plain()
    {
        using var file = new MemoryStream();
        var writer = new RecordingWriter(file, RecordingTests.Header);
        var start = (int)writer.Bytes;
        var layout = writer.Add(new RecordedLayout(new RecordedGpu(0, "GPU-0"), [new("gpu_power_watts", [], 0), new("gpu_clock_hertz", [new("domain", "sm")], 0)]));
        for (var number = 0; number < 4; number++) writer.Add(layout, new RecordedStamp(number, number, number, 1), [number * 1.5, Math.PI * number]);
        writer.Add(new EventRecord { Id = EventId.Of("x"), Time = RecordingTests.Header.Started, Node = "n", Kind = EventKinds.Xid, Title = "t" });
        writer.End(layout);
        writer.End();
        return Decompress(file.ToArray().AsSpan(start));
    }

    private static byte[] HeaderRecord()
    {
        using var file = new MemoryStream();
        _ = new RecordingWriter(file, RecordingTests.Header);
        return Decompress(file.ToArray().AsSpan(8));
    }

    private static byte[] Decompress(ReadOnlySpan<byte> block)
    {
        var plain = new byte[BinaryPrimitives.ReadUInt32LittleEndian(block[4..])];
        BrotliDecoder.TryDecompress(block.Slice(12, (int)BinaryPrimitives.ReadUInt32LittleEndian(block)), plain, out var written).Should().BeTrue();
        written.Should().Be(plain.Length);
        return plain;
    }

    private static byte[] Block(byte[] records)
    {
        var compressed = new byte[BrotliEncoder.GetMaxCompressedLength(records.Length)];
        BrotliEncoder.TryCompress(records, compressed, out var length).Should().BeTrue();
        var block = new byte[12 + length];
        BinaryPrimitives.WriteUInt32LittleEndian(block, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4), (uint)records.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(8), RecordingFormat.Checksum(compressed.AsSpan(0, length)));
        compressed.AsSpan(0, length).CopyTo(block.AsSpan(12));
        return block;
    }

    private static byte[] File(params byte[][] blocks) => [.. "gpurec\n\x01"u8, .. blocks.SelectMany(static block => block)];
}
