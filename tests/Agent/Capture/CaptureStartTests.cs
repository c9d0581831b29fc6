using System.Globalization;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>Captures with a start time are held against each other as of one instant: where they are not, that is said.</summary>
public sealed class CaptureStartTests : IAsyncLifetime
{
    private readonly CaptureUnderTest test = new();

    /// <summary>What is written to the disk before a capture begins takes real time, in which the clock must not run past its start.</summary>
    private static readonly TimeSpan Slowly = TimeSpan.FromMilliseconds(50);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => test.DisposeAsync();

    [Fact]
    public async Task Captures_of_a_group_begin_at_their_start_time()
    {
        test.RealTimeOfStep = Slowly;
        await test.StartAsync();
        var start = test.Time.GetUtcNow() + TimeSpan.FromSeconds(20);
        var later = test.Request() with { StartAt = start };
        test.Service.Request(later);
        test.Take(test.Request()).Stage.Should().Be(CaptureStage.Done, "what waits for its time does not hold up others");

        test.End(later.Id).Stage.Should().Be(CaptureStage.Done);

        test.System.Began[^1].Should().BeOnOrAfter(start).And.BeBefore(start + TimeSpan.FromSeconds(1));
        var manifest = test.Manifest(later.Id);
        manifest.RecordedFrom.Should().BeOnOrAfter(start).And.BeBefore(start + TimeSpan.FromSeconds(1));
        manifest.Words.Should().NotContain("start time");
    }

    [Fact]
    public async Task A_capture_that_begins_late_says_by_how_much()
    {
        test.RealTimeOfStep = Slowly;
        test.System.ExportTime = TimeSpan.FromSeconds(20);
        await test.StartAsync();
        var start = test.Time.GetUtcNow() + TimeSpan.FromSeconds(4);
        var (busy, late) = (test.Request(), test.Request() with { StartAt = start, Group = new string('a', 32), Members = 2 });
        test.Service.Request(busy);
        test.Service.Request(late);

        test.End(late.Id).Stage.Should().Be(CaptureStage.Done);

        var manifest = test.Manifest(late.Id);
        manifest.RecordedFrom.Should().BeAfter(start + TimeSpan.FromSeconds(10)).And.BeBefore(start + TimeSpan.FromSeconds(60));
        var seconds = (manifest.RecordedFrom!.Value - start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        manifest.Words.Should().Contain($"begun after the start time {start.UtcDateTime:HH:mm:ss.fff} UTC: counters {seconds} s");
    }

    [Theory]
    [InlineData(true, CaptureStage.Refused)]
    [InlineData(false, CaptureStage.Done)]
    public async Task A_member_of_a_group_that_would_begin_minutes_later_is_refused_and_one_alone_is_not(bool isOfGroup, CaptureStage end)
    {
        test.System.ExportTime = TimeSpan.FromMinutes(2);
        await test.StartAsync();
        var (busy, late) = (test.Request(), test.Request() with { StartAt = test.Time.GetUtcNow() + TimeSpan.FromSeconds(4), Group = new string('a', 32), Members = isOfGroup ? 2 : 1 });
        test.Service.Request(busy);
        test.Service.Request(late);
        test.End(busy.Id).Stage.Should().Be(CaptureStage.Done);

        var progress = test.End(late.Id);

        progress.Stage.Should().Be(end);
        if (isOfGroup) progress.Words.Should().StartWith("refused: expired: its group began at ").And.Contain("a member may begin 1m later");
    }
}
