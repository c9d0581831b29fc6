using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping;
using Monitoring.Agent.Shipping.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping.Commands;

public sealed class CommandStreamTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("commands-");
    private readonly CancellationTokenSource stop = new();
    private readonly MemoryDesk desk = new("n1");
    private readonly Words words = new();
    private readonly NodeReadings readings = new();

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Commands_are_taken_and_their_number_is_sent_when_the_stream_is_opened_anew()
    {
        using var collector = new StreamingCollector(Event(5, Request("a")), Event(7, Request("b")));
        var run = Run(collector);
        (await desk.NextAsync()).Id.Should().Be(EventId.Of("a"));
        (await desk.NextAsync()).Id.Should().Be(EventId.Of("b"));
        await collector.ReopenedAsync(clock);

        collector.Asked[0].Should().Be("http://collector:9461/v1/commands?node=n1 after ");
        collector.Asked[1].Should().Be("http://collector:9461/v1/commands?node=n1 after 7");
        new CommandCursor(folder.FullName).Last.Should().Be(7);
        words.Said.Select(static word => word.Stage).Should().AllBeEquivalentTo(CaptureStage.Queued);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public void A_command_that_is_told_again_is_answered_again_and_taken_once()
    {
        var commands = new CommandDesk(desk, words, "n1", clock);
        commands.Take(Json(1, Request("a")), out _).Should().BeNull();
        commands.Take(Json(1, Request("a")), out _).Should().BeNull();

        desk.Taken.Should().ContainSingle();
        words.Said.Should().HaveCount(2, "the collector did not hear the first");
    }

    [Fact]
    public void What_is_for_another_node_or_too_late_is_refused_in_words()
    {
        var commands = new CommandDesk(desk, words, "n2", clock);
        commands.Take(Json(1, Request("a")), out _);
        new CommandDesk(desk, words, "n1", clock).Take(Json(2, Request("b") with { ExpiresAt = clock.GetUtcNow() }), out _);

        desk.Taken.Should().BeEmpty();
        words.Said.Select(static word => word.Refusal).Should().Equal(CaptureRefusal.Invalid, CaptureRefusal.Expired);
    }

    [Fact]
    public void A_capture_is_taken_back_and_one_that_is_not_known_is_said_to_be_none()
    {
        var commands = new CommandDesk(desk, words, "n1", clock);
        commands.Take(Json(1, Request("a")), out _);
        commands.Take($$"""{"sequence":2,"cancel":"{{EventId.Of("a")}}"}""", out _);
        commands.Take($$"""{"sequence":3,"cancel":"{{EventId.Of("x")}}"}""", out var sequence);

        sequence.Should().Be(3);
        desk.Cancelled.Should().Equal(EventId.Of("a"), EventId.Of("x"));
        words.Said[^1].Should().Match<CaptureProgress>(static word => word.Stage == CaptureStage.Cancelled && word.Words.Contains("not known"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("null", 0)]
    [InlineData("{", 0)]
    [InlineData("""{"sequence":9}""", 9)]
    [InlineData("""{"sequence":9,"cancel":"x"}""", 9)]
    [InlineData("""{"sequence":9,"reboot":true}""", 9)]
    public void What_is_no_command_is_passed_over_with_its_number(string json, long expected)
    {
        new CommandDesk(desk, words, "n1", clock).Take(json, out var sequence).Should().NotBeNull();
        sequence.Should().Be(expected);
    }

    [Fact]
    public async Task A_receiver_that_is_no_collector_is_asked_again_after_minutes()
    {
        using var collector = new StreamingCollector { Status = HttpStatusCode.NotFound };
        var run = Run(collector);
        // The request has a timer too, so the refusal must have been counted.
        await Eventually.HoldsAsync("it pauses", () => readings.Read(MetricTable.SinkFailures).Any(static reading => reading.Labels[1] == "status_404") && clock.ArmedTimers > 0);
        clock.Advance(TimeSpan.FromMinutes(4));
        collector.Asked.Should().ContainSingle();
        await collector.ReopenedAsync(clock);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task A_stream_that_is_silent_is_opened_anew()
    {
        using var collector = new StreamingCollector(": hello\n\n") { StaysOpen = true };
        var run = Run(collector);
        await collector.ReadAsync();
        await collector.ReopenedAsync(clock);
        await stop.CancelAsync();
        await run;
    }

    private static string Event(long sequence, CaptureRequest request) => $"id: {sequence}\nevent: command\ndata: {Json(sequence, request)}\n\n";

    private static string Json(long sequence, CaptureRequest request) => JsonSerializer.Serialize(new AgentCommand(sequence) { Capture = request }, CommandJson.Default.AgentCommand);

    private CaptureRequest Request(string name) => new()
    {
        Id = EventId.Of(name), Trigger = new CaptureTrigger(TriggerKinds.Person, "ada"), Target = new CaptureTarget("n1"), RequestedAt = clock.GetUtcNow(), ExpiresAt = clock.GetUtcNow().AddMinutes(30),
    };

    private Task Run(StreamingCollector collector)
    {
        var settings = new CollectorSettings { Endpoint = new Uri("http://collector:9461/v1/metrics") };
        var stream = new CommandStream(settings, "n1", new CommandCursor(folder.FullName), new CommandDesk(desk, words, "n1", clock), clock, NullLogger<CommandStream>.Instance, collector);
        stream.Register(readings);
        return Task.Run(() => stream.RunAsync(stop.Token));
    }

    private sealed class Words : ICaptureListener
    {
        internal List<CaptureProgress> Said { get; } = [];

        public void Progressed(CaptureProgress progress, bool isStageNew)
        {
            lock (Said) Said.Add(progress);
        }
    }

    /// <summary>A collector whose streams say what the test says, and end or stay silent.</summary>
    private sealed class StreamingCollector(params string[] parts) : HttpMessageHandler
    {
        private readonly TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal HttpStatusCode Status { get; init; } = HttpStatusCode.OK;

        internal bool StaysOpen { get; init; }

        internal List<string> Asked { get; } = [];

        internal Task ReadAsync() => read.Task;

        /// <summary>Moves the clock until the stream is opened a second time.</summary>
        internal Task ReopenedAsync(ManualTimeProvider clock) => Eventually.HoldsAsync("the stream is opened anew", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Count >= 2;
        });

        private int Count
        {
            get
            {
                lock (Asked) return Asked.Count;
            }
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (Asked) Asked.Add($"{request.RequestUri} after {(request.Headers.TryGetValues("Last-Event-ID", out var id) ? id.Single() : "")}");
            var body = new PartStream(Count == 1 ? parts : [], StaysOpen, read);
            var content = new StreamContent(body);
            content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("text/event-stream");
            return Task.FromResult(new HttpResponseMessage(Status) { Content = content });
        }
    }

    /// <summary>Gives its parts one by one, then ends or waits for ever.</summary>
    private sealed class PartStream(string[] parts, bool staysOpen, TaskCompletionSource read) : Stream
    {
        private int next;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (next < parts.Length) return Encoding.UTF8.GetBytes(parts[next++], buffer.Span);
            read.TrySetResult();
            if (staysOpen) await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            return 0;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
