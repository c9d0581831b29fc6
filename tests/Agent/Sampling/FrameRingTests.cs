using FluentAssertions;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

public sealed class FrameRingTests
{
    [Fact]
    public void Every_frame_is_read_once_and_in_order()
    {
        var ring = new FrameRing(series: 2, capacity: 8);
        var next = 0L;
        Span<double> frame = stackalloc double[2];
        ring.TryRead(ref next, frame, out _).Should().BeFalse();

        ring.Add(1000, 10, Tiers.Fast, [1, 2]);
        ring.Add(2000, 20, Tiers.Fast | Tiers.Slow, [3, double.NaN]);

        ring.TryRead(ref next, frame, out var first).Should().BeTrue();
        first.Should().Be(new FrameStamp(0, 1000, 10, Tiers.Fast));
        frame.ToArray().Should().Equal(1, 2);
        ring.TryRead(ref next, frame, out var second).Should().BeTrue();
        second.Should().Be(new FrameStamp(1, 2000, 20, Tiers.Fast | Tiers.Slow));
        double.IsNaN(frame[1]).Should().BeTrue();
        ring.TryRead(ref next, frame, out _).Should().BeFalse();
    }

    [Fact]
    public void A_reader_that_fell_behind_goes_on_with_the_oldest_frame_and_sees_the_gap()
    {
        var ring = new FrameRing(series: 1, capacity: 4);
        for (var i = 0; i < 10; i++) ring.Add(i, i, Tiers.Fast, [i]);

        var next = 0L;
        Span<double> frame = stackalloc double[1];
        ring.TryRead(ref next, frame, out var stamp).Should().BeTrue();
        stamp.Number.Should().Be(7, "of four places one is always given to the frame being written");
        frame[0].Should().Be(7);
    }

    [Fact]
    public void A_reader_beside_a_writer_never_sees_a_mixed_frame()
    {
        var ring = new FrameRing(series: 16, capacity: 4);
        var writer = new Thread(() =>
        {
            Span<double> frame = stackalloc double[16];
            for (var i = 0; i < 200_000; i++)
            {
                frame.Fill(i);
                ring.Add(i, i, Tiers.Fast, frame);
            }
        });
        writer.Start();
        var next = 0L;
        var mixed = 0;
        Span<double> read = stackalloc double[16];
        while (writer.IsAlive || next < ring.Written)
        {
            if (!ring.TryRead(ref next, read, out var stamp)) continue;
            foreach (var value in read) if (value != stamp.Number) mixed++;
        }
        mixed.Should().Be(0);
    }
}
