using FluentAssertions;
using Monitoring.Agent.Hosting;
using Xunit;

namespace Monitoring.Tests.Agent.Hosting;

public sealed class LoopWatchTests
{
    private long rounds;

    [Fact]
    public void A_loop_that_makes_no_round_for_too_many_looks_stands_still_until_it_makes_one()
    {
        var watch = new LoopWatch(() => rounds, looksAtMost: 3);

        Looks(watch, 4).Should().Equal(true, true, true, true);
        Looks(watch, 2).Should().Equal(false, false);
        rounds++;
        Looks(watch, 4).Should().Equal(true, true, true, true);
        Looks(watch, 1).Should().Equal(false);
    }

    [Fact]
    public void A_loop_that_goes_on_lives_however_slow_it_is()
    {
        var watch = new LoopWatch(() => rounds, looksAtMost: 3);

        for (var look = 0; look < 100; look++)
        {
            if (look % 3 == 0) rounds++;
            watch.Look().Should().BeTrue();
        }
    }

    private static IEnumerable<bool> Looks(LoopWatch watch, int times) => [.. Enumerable.Range(0, times).Select(_ => watch.Look())];
}
