using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

public sealed class NsysSessionSpaceTests
{
    [Fact]
    public void The_least_of_all_sessions_counts()
    {
        var space = new NsysSessionSpace([static _ => Task.FromResult<long?>(300), static _ => Task.FromResult<long?>(null), static _ => Task.FromResult<long?>(100), static _ => Task.FromResult<long?>(200)]);

        space.Latest().Should().BeNull("nothing was asked before");
        space.Latest().Should().Be(100);
    }

    [Fact]
    public void One_that_does_not_answer_hides_no_other_and_is_asked_once()
    {
        var slow = new TaskCompletionSource<long?>();
        var asked = 0;
        var space = new NsysSessionSpace([_ => { asked++; return slow.Task; }, static _ => Task.FromResult<long?>(100)]);

        space.Latest();
        space.Latest().Should().Be(100);
        space.Latest().Should().Be(100);
        asked.Should().Be(1);
        slow.SetResult(50);
        space.Latest().Should().Be(50);
    }
}
