using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Shipping;
using Monitoring.Agent.Shipping.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping.Commands;

public sealed class ProgressReporterTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Receiver receiver = new();
    private readonly List<CaptureProgress> known = [];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("progress-");
    private readonly ProgressReporter reporter;
    private Task run = Task.CompletedTask;

    public ProgressReporterTests() => reporter = Make();

    public void Dispose()
    {
        stop.Cancel();
        run.GetAwaiter().GetResult();
        reporter.Dispose();
        receiver.Dispose();
        stop.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Stages_go_at_once_and_steps_twice_a_second_at_most()
    {
        Start();
        Say(1, CaptureStage.Queued, isStageNew: true);
        await receiver.HasAsync(1);
        Say(2, CaptureStage.Recording, isStageNew: true);
        await receiver.HasAsync(2);
        for (var step = 3; step < 50; step++) Say(step, CaptureStage.Recording);
        Say(50, CaptureStage.Exporting, isStageNew: true);
        await receiver.HasSequenceAsync(50);

        receiver.Sequences.Should().HaveCountLessThan(6, "of the steps only the newest is told").And.BeInAscendingOrder();
        Say(51, CaptureStage.Exporting);
        receiver.Sequences.Should().NotContain(51);
        // It may still be at word 50, and counts the pause from its end.
        await Eventually.HoldsAsync("the step comes", () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return receiver.Sequences.Contains(51);
        });
    }

    [Fact]
    public async Task A_stage_is_told_until_the_collector_has_it()
    {
        receiver.Status = HttpStatusCode.ServiceUnavailable;
        Start();
        Say(1, CaptureStage.Queued, isStageNew: true);
        await receiver.HasAsync(1);
        receiver.Status = HttpStatusCode.OK;
        Say(2, CaptureStage.Recording);
        await Eventually.HoldsAsync("the collector takes a word", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return !receiver.Taken.IsEmpty;
        });

        receiver.Taken.Should().Contain(2, "the step says the stage too");
    }

    [Fact]
    public async Task What_is_known_at_the_start_is_told()
    {
        known.Add(Word("old", 9, CaptureStage.Done));
        Start();
        await receiver.HasSequenceAsync(9);
    }

    [Fact]
    public async Task An_end_that_the_collector_has_heard_is_not_told_again_by_the_next_life()
    {
        receiver.Status = HttpStatusCode.ServiceUnavailable;
        Start();
        reporter.Progressed(Word("unheard", 1, CaptureStage.Failed), isStageNew: true);
        await receiver.HasSequenceAsync(1);
        receiver.Status = HttpStatusCode.OK;
        reporter.Progressed(Word("heard", 2, CaptureStage.Done), isStageNew: true);
        reporter.Progressed(Word("under way", 3, CaptureStage.Uploading), isStageNew: true);
        reporter.Progressed(Word("changed", 4, CaptureStage.Done), isStageNew: true);
        await Eventually.HoldsAsync("the collector takes them", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return new long[] { 1, 2, 3, 4 }.All(sequence => receiver.Taken.Contains(sequence));
        });
        await stop.CancelAsync();
        await run;
        receiver.Taken.Clear();

        // A capture that another life of the agent knows, and whose end nobody heard.
        known.AddRange([Word("missed", 5, CaptureStage.Refused), Word("heard", 2, CaptureStage.Done), Word("under way", 3, CaptureStage.Uploading), Word("changed", 6, CaptureStage.Failed)]);
        using var end = new CancellationTokenSource();
        using var next = Make();
        var running = Task.Run(() => next.RunAsync(end.Token));
        await Eventually.HoldsAsync("the next life tells what may be new", () => receiver.Taken.Count == 3);
        await end.CancelAsync();
        await running;

        receiver.Taken.Should().BeEquivalentTo([5, 3, 6]);
    }

    [Fact]
    public void Of_more_ends_than_the_node_remembers_the_newest_are_kept_and_a_damaged_line_is_left_out()
    {
        var told = new ToldCaptures(folder.FullName);
        told.Add(Enumerable.Range(0, ToldCaptures.CapturesAtMost + 1).Select(static number => Word($"{number}", number, CaptureStage.Done)));
        var path = folder.GetFiles().Should().ContainSingle().Subject.FullName;
        File.AppendAllText(path, $"garbage\n{EventId.Of("x")} 1x\n");

        var again = new ToldCaptures(folder.FullName);

        again.Has(Word("0", 0, CaptureStage.Done)).Should().BeFalse();
        again.Has(Word("1", 1, CaptureStage.Done)).Should().BeTrue();
        again.Has(Word($"{ToldCaptures.CapturesAtMost}", ToldCaptures.CapturesAtMost, CaptureStage.Done)).Should().BeTrue();
        again.Has(Word("x", 1, CaptureStage.Done)).Should().BeFalse();
    }

    private ProgressReporter Make() => new(
        new CollectorSettings { Endpoint = new Uri("http://collector:9461") }, () => known, new ToldCaptures(folder.FullName), clock, NullLogger<ProgressReporter>.Instance, receiver);

    private static CaptureProgress Word(string name, long sequence, CaptureStage stage) => new(EventId.Of(name), "n1", sequence, DateTimeOffset.UnixEpoch, stage, $"word {sequence}");

    private void Start() => run = Task.Run(() => reporter.RunAsync(stop.Token));

    private void Say(long sequence, CaptureStage stage, bool isStageNew = false) => reporter.Progressed(Word("a", sequence, stage), isStageNew);

    /// <summary>A collector that keeps what it is told.</summary>
    private sealed class Receiver : HttpMessageHandler
    {
        private readonly ConcurrentQueue<long> sequences = new();

        internal HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        internal ConcurrentQueue<long> Taken { get; } = new();

        internal IReadOnlyList<long> Sequences => [.. sequences];

        internal Task HasAsync(int count) => Eventually.HoldsAsync($"{count} words come", () => sequences.Count >= count);

        internal Task HasSequenceAsync(long sequence) => Eventually.HoldsAsync($"word {sequence} comes", () => sequences.Contains(sequence));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri!.ToString().Should().Be("http://collector:9461/v1/captures/progress");
            var text = await request.Content!.ReadAsStringAsync(cancellationToken);
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var progress = JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(line), CaptureJson.Default.CaptureProgress)!;
                if (Status == HttpStatusCode.OK) Taken.Enqueue(progress.Sequence);
                sequences.Enqueue(progress.Sequence);
            }

            return new HttpResponseMessage(Status);
        }
    }
}
