using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Devices.Kernel;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Kernel;

public sealed class KernelRecordTests
{
    [Fact]
    public void A_record_has_its_priority_sequence_time_and_text()
    {
        var record = Parse("6,3964,206764307,-;nvidia-nvswitch2: open (major=510)\n");

        record!.Priority.Should().Be(6);
        record.Level.Should().Be(6);
        record.Sequence.Should().Be(3964);
        record.Microseconds.Should().Be(206764307);
        record.IsFragment.Should().BeFalse();
        record.Text.Should().Be("nvidia-nvswitch2: open (major=510)");
        record.Properties.Should().BeEmpty();
    }

    [Fact]
    public void Lines_after_it_are_its_properties()
    {
        var record = Parse("3,339,5140900,-;nvme 0000:02:00.0: failed\n SUBSYSTEM=pci\n DEVICE=+pci:0000:02:00.0\n");

        record!.Text.Should().Be("nvme 0000:02:00.0: failed");
        record.Properties.Should().Equal("SUBSYSTEM=pci", "DEVICE=+pci:0000:02:00.0");
    }

    [Theory]
    [InlineData("6,1,2,-;a\\x0ab", "a\nb")]
    [InlineData("6,1,2,-;tab\\x09end", "tab\tend")]
    [InlineData("6,1,2,-;\\xe2\\x80\\x94", "\u2014")]
    [InlineData("6,1,2,-;back\\\\slash \\xzz \\x4", "back\\\\slash \\xzz \\x4")]
    [InlineData("6,1,2,-;\\xff", "\ufffd")]
    [InlineData("12,1,2,-,caller=T123;with a field of newer kernels", "with a field of newer kernels")]
    [InlineData("6,1,2;without flags", "without flags")]
    [InlineData("6,1,2,-;", "")]
    [InlineData("6,1,2,-;a;b,c", "a;b,c")]
    public void Escapes_are_undone(string raw, string text) => Parse(raw)!.Text.Should().Be(text);

    [Theory]
    [InlineData("6,1,2,c;part", true)]
    [InlineData("6,1,2,+;part", true)]
    [InlineData("6,1,2,-;whole", false)]
    public void A_part_of_a_line_is_told(string raw, bool isFragment) => Parse(raw)!.IsFragment.Should().Be(isFragment);

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("no record")]
    [InlineData("6,1;text")]
    [InlineData("6,x,2,-;text")]
    [InlineData("-6,1,2,-;text")]
    [InlineData("6,1,99999999999999999999,-;text")]
    [InlineData(" KEY=value;")]
    public void What_has_another_form_is_none(string raw) => Parse(raw).Should().BeNull();

    [Fact]
    public void A_line_without_end_is_cut() => Parse("6,1,2,-;" + new string('a', 100_000))!.Text.Should().HaveLength(8192);

    [Fact]
    public void Any_bytes_at_all_do_no_harm() => Prop.ForAll<byte[]>(static bytes => _ = KernelRecord.Parse(bytes)).Check(Fuzzing.Cases(100));

    [Fact]
    public void Any_text_after_a_good_prefix_is_read() =>
        Prop.ForAll<NonNull<string>, NonNegativeInt>(static (text, sequence) =>
            KernelRecord.Parse(Encoding.UTF8.GetBytes($"6,{sequence.Get},7,-;{text.Get}")) is { } record && record.Sequence == sequence.Get).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("kmsg.1.log", 46)]
    [InlineData("kmsg.2.peermem.log", 7)]
    public void Records_of_real_nodes_are_read(string name, int atLeast)
    {
        var lines = File.ReadAllLines(Requirement.SharedData("node-files", "pkg", "kmsg", "testdata", name));

        lines.Select(Parse).Should().NotContainNulls().And.HaveCountGreaterThanOrEqualTo(atLeast);
    }

    private static KernelRecord? Parse(string raw) => KernelRecord.Parse(Encoding.UTF8.GetBytes(raw));
}
