using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Contracts.Otlp;
using Xunit;

namespace Monitoring.Tests.Contracts.Otlp;

public sealed class ProtobufReaderTests
{
    [Fact]
    public void A_varint_written_by_protobuf_is_read_back() => Prop.ForAll<ulong>(value =>
    {
        var bytes = OtlpPayload.Message(output => output.WriteUInt64(value));
        var reader = new ProtobufReader(bytes);
        return reader.ReadVarint() == value && !reader.Fault.IsFault && reader.Position == bytes.Length;
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void A_length_written_in_more_bytes_than_needed_is_read()
    {
        // The .NET exporter reserves four bytes for a length and fills them in later.
        byte[] message = [(1 << 3) | 2, 0x83, 0x80, 0x80, 0x00, (byte)'a', (byte)'b', (byte)'c'];
        var reader = new ProtobufReader(message);
        reader.ReadTag().Should().BeTrue();
        Encoding.UTF8.GetString(reader.ReadBytes()).Should().Be("abc");
        reader.ReadTag().Should().BeFalse();
        reader.Fault.Should().Be(default(ProtobufFault));
    }

    [Theory]
    [InlineData(new byte[] { 0x08 }, ProtobufError.Truncated, 1)]
    [InlineData(new byte[] { 0x08, 0x80, 0x80 }, ProtobufError.Truncated, 1)]
    [InlineData(new byte[] { 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, ProtobufError.VarintTooLong, 1)]
    [InlineData(new byte[] { 0x09, 1, 2, 3 }, ProtobufError.Truncated, 1)]
    [InlineData(new byte[] { 0x0D, 1, 2, 3 }, ProtobufError.Truncated, 1)]
    [InlineData(new byte[] { 0x0A, 0x05, 1, 2 }, ProtobufError.LengthBeyondEnd, 1)]
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, ProtobufError.LengthBeyondEnd, 1)]
    [InlineData(new byte[] { 0x02, 0x00 }, ProtobufError.FieldNumberZero, 0)]
    [InlineData(new byte[] { 0x0B }, ProtobufError.UnsupportedWireType, 0)]
    [InlineData(new byte[] { 0x0F }, ProtobufError.UnsupportedWireType, 0)]
    [InlineData(new byte[] { 0x88, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00 }, ProtobufError.VarintTooLong, 0)]
    public void A_fault_names_what_and_where(byte[] message, ProtobufError error, int offset)
    {
        var reader = new ProtobufReader(message);
        while (reader.ReadTag()) reader.Skip();
        reader.Fault.Should().Be(new ProtobufFault(error, offset));
    }

    [Fact]
    public void The_first_fault_stays_and_later_reads_answer_nothing()
    {
        var reader = new ProtobufReader([0x0A, 0x7F, 0x01]);
        reader.ReadTag().Should().BeTrue();
        reader.ReadBytes().Length.Should().Be(0);
        reader.ReadFixed64().Should().Be(0);
        reader.ReadVarint().Should().Be(0);
        reader.ReadText().Length.Should().Be(0);
        reader.ReadTag().Should().BeFalse();
        reader.Fault.Should().Be(new ProtobufFault(ProtobufError.LengthBeyondEnd, 1));
    }

    [Fact]
    public void A_fault_in_an_embedded_message_carries_the_offset_of_the_outermost()
    {
        byte[] message = [0x0A, 0x04, 0x12, 0x02, 0x09, 0x00];
        var outer = new ProtobufReader(message);
        outer.ReadTag().Should().BeTrue();
        var middle = outer.ReadMessage();
        middle.ReadTag().Should().BeTrue();
        var inner = middle.ReadMessage();
        inner.ReadTag().Should().BeTrue();
        inner.ReadFixed64();
        inner.Fault.Should().Be(new ProtobufFault(ProtobufError.Truncated, 5));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_a_fault()
    {
        var reader = new ProtobufReader([0x0A, 0x02, 0xC3, 0x28]);
        reader.ReadTag().Should().BeTrue();
        reader.ReadText().Length.Should().Be(0);
        reader.Fault.Error.Should().Be(ProtobufError.InvalidUtf8);
    }
}
