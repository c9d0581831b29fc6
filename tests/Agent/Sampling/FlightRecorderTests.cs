using FluentAssertions;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

public sealed class FlightRecorderTests
{
    [Fact]
    public void Keeps_the_newest_instants_and_gives_them_oldest_first()
    {
        var recorder = new FlightRecorder(series: 2, capacity: 3);
        for (var i = 1; i <= 5; i++) recorder.Add(i * 100, [i, -i]);

        var copied = recorder.Copy(0, long.MaxValue);
        // The oldest place is the one that a lane would write next, so it is not vouched for.
        copied.Select(static instant => instant.UnixMicroseconds).Should().Equal(400, 500);
        copied[^1].Values.Should().Equal(5, -5);
    }

    [Fact]
    public void Totals_of_months_keep_what_they_grew_by_in_a_moment()
    {
        const double AfterMonths = 4_665_600_000; // joules: 600 W for 90 days
        var recorder = new FlightRecorder(series: 3, capacity: 100);
        for (var i = 0; i < 250; i++) recorder.Add(i, [AfterMonths + 60 * i, i < 200 ? double.NaN : 81_604_378_624 + i, 250.5 + i]);

        var copied = recorder.Copy(0, long.MaxValue);

        copied.Should().HaveCount(99);
        copied.Select(static instant => instant.Values[0]).Should().Equal(Enumerable.Range(151, 99).Select(static i => AfterMonths + 60 * i));
        copied.Select(static instant => instant.Values[1]).Should().Equal(Enumerable.Range(151, 99).Select(static i => i < 200 ? double.NaN : 81_604_378_624 + i));
        copied.Select(static instant => instant.Values[2]).Should().Equal(Enumerable.Range(151, 99).Select(static i => 250.5 + i));
    }

    [Fact]
    public void Gives_only_what_lies_between_the_times()
    {
        var recorder = new FlightRecorder(series: 1, capacity: 10);
        for (var i = 1; i <= 5; i++) recorder.Add(i * 100, [i]);
        recorder.Copy(200, 400).Select(static instant => instant.Values[0]).Should().Equal(2, 3, 4);
    }

    [Fact]
    public async Task A_copy_under_writing_never_holds_half_an_instant()
    {
        var recorder = new FlightRecorder(series: 16, capacity: 20_000);
        using var done = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            var values = new double[16];
            for (var i = 1L; !done.IsCancellationRequested; i++)
            {
                Array.Fill(values, i);
                recorder.Add(i, values);
            }
        });
        try
        {
            Eventually.Holds("the writer writes", () => recorder.Written > 0);
            var whole = 0;
            for (var round = 0; round < 30; round++)
                foreach (var (time, values) in recorder.Copy(0, long.MaxValue))
                {
                    Assert.True(values.AsSpan().IndexOfAnyExcept((float)time) < 0, $"instant {time} holds {string.Join(' ', values)}");
                    whole++;
                }
            whole.Should().BePositive();
        }
        finally
        {
            await done.CancelAsync();
            await writer;
        }
    }

    [Fact]
    public void Taking_an_instant_allocates_nothing()
    {
        var recorder = new FlightRecorder(series: 16, capacity: 100);
        var values = new double[16];
        recorder.Add(0, values);
        var instant = 0;
        Allocations.Of(() =>
        {
            for (var i = 0; i < 1000; i++) recorder.Add(++instant, values);
        }).Should().Be(0);
    }
}
