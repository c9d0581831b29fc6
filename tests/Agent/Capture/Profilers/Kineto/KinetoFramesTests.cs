using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoFramesTests
{
    // As PyTorch 2.14 sent it: 40 bytes of body, type req, wants 3, six processes, no job.
    private const string Recorded =
        "2800000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "06000000" + "0000000000000000" +
        "2B390000" + "2A390000" + "29390000" + "28390000" + "27390000" + "01000000";

    [Fact]
    public void The_recorded_request_is_read()
    {
        var frame = Convert.FromHexString(Recorded);
        frame.Should().HaveCount(80);

        var request = KinetoFrames.Parse(frame).Should().BeOfType<KinetoRequest.Configuration>().Subject;

        request.Wants.Should().Be(3);
        request.IsIdle.Should().BeTrue();
        request.JobId.Should().Be(0);
        request.Pids.Should().Equal(0x392B, 0x392A, 0x3929, 0x3928, 0x3927, 1);
    }

    [Theory]
    [InlineData(0, false)] // 2.14 while it profiles
    [InlineData(1, false)] // 2.6 while it profiles
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void A_client_that_does_not_want_a_trace_is_at_work(int wants, bool isIdle) =>
        ((KinetoRequest.Configuration)KinetoFrames.Parse(LibkinetoClient.Request(wants, 7, 42))!).IsIdle.Should().Be(isIdle);

    [Fact]
    public void A_registration_is_read()
    {
        var frame = Convert.FromHexString("1000000000000000" + "6374787400000000000000000000000000000000000000000000000000000000" + "02000000" + "2B390000" + "0700000000000000");

        KinetoFrames.Parse(frame).Should().Be(new KinetoRequest.Registration(2, 0x392B, 7));
    }

    [Fact]
    public void Answers_are_the_protocols_bytes()
    {
        Convert.ToHexString(KinetoFrames.Configured([])).Should().Be("0000000000000000" + "7265710000000000000000000000000000000000000000000000000000000000");
        Convert.ToHexString(KinetoFrames.Configured("A=1\n"u8)).Should().Be("0400000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "413D310A");
        Convert.ToHexString(KinetoFrames.Registered(8)).Should().Be("0400000000000000" + "6374787400000000000000000000000000000000000000000000000000000000" + "08000000");
    }

    [Theory]
    [InlineData("")] // empty
    [InlineData("280000")] // cut in its header
    [InlineData("2900000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "01000000" + "0000000000000000" + "2B390000")] // size of another
    [InlineData("1400000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "02000000" + "0000000000000000" + "2B390000")] // more processes than it has
    [InlineData("1400000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "FFFFFFFF" + "0000000000000000" + "2B390000")] // fewer than none
    [InlineData("1000000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "00000000" + "0000000000000000")] // none
    [InlineData("1400000000000000" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "01000000" + "0000000000000000" + "FFFFFFFF")] // process -1
    [InlineData("0000000000000000" + "7265717500000000000000000000000000000000000000000000000000000000")] // a type that is none
    [InlineData("0000000000000000" + "7265717265717265717265717265717265717265717265717265717265717265")] // a type without end
    [InlineData("FFFFFFFFFFFFFFFF" + "7265710000000000000000000000000000000000000000000000000000000000" + "03000000" + "01000000" + "0000000000000000" + "2B390000")] // the largest size
    public void What_is_no_request_is_refused(string hex) => KinetoFrames.Parse(Convert.FromHexString(hex)).Should().BeNull();

    [Fact]
    public void Any_bytes_are_survived() => Prop.ForAll<byte[]>(static bytes =>
    {
        _ = KinetoFrames.Parse(bytes);
        // And with a header that is right, so that the body is reached.
        var frame = LibkinetoClient.Request(3, 1, 1);
        var whole = frame[..40].Concat(bytes).ToArray();
        BitConverter.TryWriteBytes(whole, (long)bytes.Length);
        var read = KinetoFrames.Parse(whole) as KinetoRequest.Configuration;
        return read is null || (read.Pids.Count is > 0 and <= 22 && bytes.Length == 16 + 4 * read.Pids.Count);
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void A_changed_byte_is_refused_or_read_as_what_it_says() => Prop.ForAll(Gen.Choose(0, 79).Zip(Gen.Choose(0, 255)).ToArbitrary(), static change =>
    {
        var frame = Convert.FromHexString(Recorded);
        frame[change.Item1] = (byte)change.Item2;
        // After the 0 that ends the type, and in the values, any byte may stand; everywhere else the frame is no frame any more.
        var isChanged = Convert.ToHexString(frame) != Recorded;
        return !isChanged || change.Item1 is >= 12 and < 44 or >= 48 || KinetoFrames.Parse(frame) is null;
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void The_size_of_an_answer_is_always_its_bodys() => Prop.ForAll(Gen.Choose(0, KinetoFrames.LongestConfiguration).ToArbitrary(), static length =>
    {
        var frame = KinetoFrames.Configured(Encoding.ASCII.GetBytes(new string('x', length)));
        return frame.Length == 40 + length && BitConverter.ToUInt64(frame) == (ulong)length;
    }).Check(Fuzzing.Cases(100));

    [Fact]
    public void A_configuration_beyond_the_limit_is_never_sent() =>
        ((Action)(() => KinetoFrames.Configured(new byte[KinetoFrames.LongestConfiguration + 1]))).Should().Throw<ArgumentException>().WithMessage("*4097*");
}
