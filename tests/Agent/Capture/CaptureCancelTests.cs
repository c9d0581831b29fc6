using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>Whoever takes a capture back is told that what it has is thrown away, and it is, at whichever stage.</summary>
public sealed class CaptureCancelTests : IAsyncLifetime
{
    private readonly CaptureUnderTest test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => test.DisposeAsync();

    [Fact]
    public async Task A_capture_can_be_taken_back_before_and_while_it_is_recorded()
    {
        await test.StartAsync();
        var (running, waiting) = (test.Request() with { DurationSeconds = 60 }, test.Request());
        test.Service.Request(running);
        test.Service.Request(waiting);
        test.Until(() => test.Service.Progress(running.Id)?.Stage == CaptureStage.Recording);

        test.Service.Cancel(waiting.Id).Should().Contain("taken out of the queue");
        test.Service.Cancel(running.Id).Should().Contain("is being ended");

        test.End(running.Id).Stage.Should().Be(CaptureStage.Cancelled);
        test.End(waiting.Id).Stage.Should().Be(CaptureStage.Cancelled);
        Directory.GetDirectories(test.Root).Should().BeEmpty();
        test.Service.Cancel(running.Id).Should().BeNull();
        test.Service.Cancel("nonsense").Should().BeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_capture_that_is_taken_back_while_it_is_exported_is_thrown_away(bool isShipped)
    {
        test.IsShipped = isShipped;
        (test.System.ExportTime, test.Settings.CountersAfter) = (TimeSpan.FromSeconds(30), TimeSpan.Zero);
        await test.StartAsync();
        var request = test.Request();
        test.Service.Request(request);
        test.Until(() => File.Exists(Path.Combine(test.Root, request.Id + ".part", "nsys_system-report.bin")));

        test.Service.Cancel(request.Id).Should().Contain("is being ended, what it has is thrown away");

        test.End(request.Id).Stage.Should().Be(CaptureStage.Cancelled);
        ((ICaptureOutbox)test.Service).Waiting().Should().BeEmpty();
        Directory.GetDirectories(test.Root).Should().BeEmpty();
        test.Service.Cancel(request.Id).Should().BeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_capture_that_is_taken_back_as_its_bundle_gets_its_name_is_thrown_away(bool isShipped)
    {
        test.IsShipped = isShipped;
        var request = test.Request();
        string? answer = null;
        test.Stepped = () =>
        {
            if (answer is null && Directory.Exists(Path.Combine(test.Root, request.Id))) answer = test.Service.Cancel(request.Id);
        };
        await test.StartAsync();

        test.Take(request).Stage.Should().Be(CaptureStage.Cancelled);

        answer.Should().Contain("is thrown away");
        ((ICaptureOutbox)test.Service).Waiting().Should().BeEmpty();
        Directory.GetDirectories(test.Root).Should().BeEmpty();
    }
}
