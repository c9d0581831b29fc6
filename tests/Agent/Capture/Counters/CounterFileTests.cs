using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Counters;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Counters;

public sealed class CounterFileTests
{
    private static readonly CapturedGpu Gpu = new(3, "GPU-3");

    [Fact]
    public void A_file_has_a_line_for_each_reading_and_nothing_where_there_is_no_value()
    {
        var window = new CounterWindow(Gpu, "", ["a", "b{c=\"d\",e=\"f\"}"], [new CounterRow(1, [1.5f, float.NaN]), new CounterRow(2, [float.NaN, 3e9f])]);

        CounterFile.Text(window, 2, 3).Should().Be("time_unix_microseconds,phase,a,\"b{c=\"\"d\"\",e=\"\"f\"\"}\"\n1,before,1.5,\n2,during,,3000000000\n");
        CounterFile.NameOf(window).Should().Be("counters-gpu3.csv");
        CounterFile.NameOf(window with { Instance = "mig-1-0" }).Should().Be("counters-gpu3-mig-1-0.csv");
    }

    [Fact]
    public void Adding_what_came_after_twice_or_to_a_torn_file_gives_the_same()
    {
        var window = new CounterWindow(Gpu, "", ["a"], [new CounterRow(1, [1]), new CounterRow(2, [2]), new CounterRow(3, [3]), new CounterRow(4, [4])]);
        var first = CounterFile.Text(window with { Rows = [.. window.Rows.Take(2)] }, 2, 2);

        var whole = CounterFile.WithAfter(first, window, 2, 2);

        whole.Should().Be("time_unix_microseconds,phase,a\n1,before,1\n2,during,2\n3,after,3\n4,after,4\n");
        CounterFile.WithAfter(whole, window, 2, 2).Should().Be(whole);
        CounterFile.WithAfter(whole[..^4], window, 2, 2).Should().Be(whole);
        CounterFile.WithAfter(whole, null, 2, 2).Should().Be(first, "another agent has no past of before");
        CounterFile.WithAfter(first, window with { Series = ["b"] }, 2, 2).Should().Be(first);
    }
}
