using FluentAssertions;
using Monitoring.Collector.Search.Sources;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Sources;

public sealed class FailingCapturesTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void The_pause_doubles_with_each_failure_up_to_ten_minutes()
    {
        var failing = new FailingCaptures(clock);
        var pauses = new List<double>();
        for (var failure = 0; failure < 40; failure++)
        {
            failing.Add("a", "denied");
            failing.IsDue("a").Should().BeFalse();
            pauses.Add(failing.UntilNext!.Value.TotalSeconds);
            clock.Advance(failing.UntilNext.Value);
            failing.IsDue("a").Should().BeTrue();
            failing.UntilNext.Should().Be(TimeSpan.Zero);
        }

        pauses.Take(8).Should().Equal(5, 10, 20, 40, 80, 160, 320, 600);
        pauses.Skip(8).Should().OnlyContain(static pause => pause == 600);
    }

    [Fact]
    public void The_first_to_fail_and_the_last_to_be_read_are_told_and_the_words_name_the_last_failure()
    {
        var failing = new FailingCaptures(clock);
        failing.Trouble.Should().BeNull();
        failing.UntilNext.Should().BeNull();

        failing.Add("a", "denied").Should().BeTrue();
        failing.Add("b", "input/output error").Should().BeFalse();
        failing.Trouble.Should().Be("2 captures cannot be read and are tried again with growing pauses, the last failure was of b: input/output error");
        failing.Remove("c").Should().BeFalse();
        failing.Remove("a").Should().BeFalse();
        failing.Remove("b").Should().BeTrue();
        failing.Trouble.Should().BeNull();
    }

    [Fact]
    public void Those_that_are_kept_no_more_are_forgotten()
    {
        var failing = new FailingCaptures(clock);
        foreach (var id in (string[])["a", "b"]) failing.Add(id, "denied");

        failing.Keep(["b"]);

        (failing.FailuresOf("a"), failing.FailuresOf("b")).Should().Be((0, 1));
        failing.IsDue("a").Should().BeTrue();
    }
}
