using FluentAssertions;
using Monitoring.Agent.Detection.Rules.Predicates;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class SumWindowTests
{
    private const long Second = 1_000_000_000;
    private const long Window = 3600 * Second;

    [Fact]
    public void What_is_taken_up_again_and_again_is_forgotten_when_its_time_is_over()
    {
        var window = new SumWindow(Window);
        window.Add(3, 0, 1000 * Second);
        for (var restart = 1; restart <= 50; restart++)
        {
            var next = new SumWindow(Window);
            foreach (var (at, amount) in window.Parts) next.Add(amount, 0, at);
            next.MoveTo((1000 + 60 * restart) * Second);
            window = next;
            window.Amount.Should().Be(3);
        }

        window.MoveTo(1000 * Second + Window + 2 * (Window / SumWindow.Buckets));
        window.Amount.Should().Be(0);
    }
}
