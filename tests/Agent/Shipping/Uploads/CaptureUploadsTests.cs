using System.Net;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping;
using Monitoring.Agent.Shipping.Uploads;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Collector.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping.Uploads;

public sealed class CaptureUploadsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("outbox-");
    private readonly CancellationTokenSource stop = new();
    private readonly NodeReadings readings = new();
    private readonly FolderOutbox outbox;
    private readonly UploadLedger ledger;
    private CaptureUploads? uploads;
    private Task running = Task.CompletedTask;

    public CaptureUploadsTests()
    {
        Directory.CreateDirectory(Bundles);
        outbox = new FolderOutbox(Bundles);
        ledger = new UploadLedger(folder.FullName);
    }

    private string Bundles => Path.Combine(folder.FullName, "bundles");

    public void Dispose()
    {
        stop.Cancel();
        uploads?.Dispose();
        stop.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("http://collector:9461", "http://collector:9461/v1/captures/uploads")]
    [InlineData("https://gateway.example/otlp/", "https://gateway.example/otlp/v1/captures/uploads")]
    [InlineData("https://gateway.example/otlp/v1/metrics", "https://gateway.example/otlp/v1/captures/uploads")]
    public void Captures_go_beside_the_metrics(string endpoint, string expected) => TusClient.UploadsUrl(new Uri(endpoint)).Should().Be(new Uri(expected));

    [Fact]
    public async Task A_bundle_is_at_the_collector_before_it_goes_here()
    {
        await using var collector = await CaptureCollector.StartAsync();
        SomeCapture[] captures = [new(1, 40 << 20, 0, 17), new(2, 100)];
        foreach (var capture in captures) capture.WriteTo(Bundles);
        await RunUntilSettledAsync(collector.Collector.Address);

        outbox.Done.Should().BeEquivalentTo(captures.Select(static capture => capture.Id));
        foreach (var capture in captures)
            foreach (var (name, bytes) in capture.All)
                File.ReadAllBytes(Path.Combine(collector.CaptureDirectory, "bundles", capture.Id, name)).Should().Equal(bytes);
        collector.FilesBelow("uploads").Concat(collector.FilesBelow("staging")).Should().BeEmpty();
        Directory.GetFiles(ledger.DirectoryPath).Should().BeEmpty();
        outbox.Fractions.Should().NotBeEmpty().And.OnlyContain(static fraction => fraction > 0 && fraction <= 1);
        Value(MetricTable.SinkSent).Should().Be(2);
        Value(MetricTable.SinkQueueLength).Should().Be(0);
        Value(MetricTable.SinkLastSuccess).Should().BePositive();
    }

    [Fact]
    public async Task What_the_collector_has_of_an_earlier_life_is_not_sent_again()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 1000, 2000);
        capture.WriteTo(Bundles);
        // An earlier life sent one file whole and of the other a part, and remembered where.
        await collector.Sender.UploadAsync(capture, "report-0.bin", capture.Files["report-0.bin"]);
        var upload = await collector.Sender.CreateAsync(capture, "report-1.bin", capture.Files["report-1.bin"]);
        (await collector.Sender.PatchAsync(upload, 0, capture.Files["report-1.bin"][..1500])).Dispose();
        ledger.Set(capture.Id, "report-1.bin", upload);
        var recorder = new RecordingHandler();
        await RunUntilSettledAsync(collector.Collector.Address, recorder);

        outbox.Done.Should().Equal(capture.Id);
        recorder.Sent.Should().ContainSingle(static request => request.StartsWith("HEAD"));
        recorder.Sent.Where(static request => request.StartsWith("PATCH", StringComparison.Ordinal)).Should().Equal("PATCH 1500+500", $"PATCH 0+{capture.ManifestJson.Length}");
    }

    [Fact]
    public async Task An_upload_that_the_collector_has_forgotten_is_begun_anew()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 1000);
        capture.WriteTo(Bundles);
        ledger.Set(capture.Id, "report-0.bin", new Uri(collector.Collector.Address, $"{UploadMetadata.Path}/{capture.Id}"));
        ledger.Set(SomeCapture.IdOf(99), "report-0.bin", new Uri(collector.Collector.Address, "/of-a-bundle-that-is-gone"));
        await RunUntilSettledAsync(collector.Collector.Address);
        outbox.Done.Should().Equal(capture.Id);
        Directory.GetFiles(ledger.DirectoryPath).Should().BeEmpty();
    }

    [Fact]
    public async Task A_capture_that_the_collector_has_already_is_done_at_once()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 1000);
        await collector.Sender.UploadAsync(capture);
        capture.WriteTo(Bundles);
        var recorder = new RecordingHandler();
        await RunUntilSettledAsync(collector.Collector.Address, recorder);
        outbox.Done.Should().Equal(capture.Id);
        recorder.Sent.Should().Equal("POST");
        collector.Catalogue.Totals.Count.Should().Be(1);
    }

    [Fact]
    public async Task A_file_that_is_damaged_on_the_node_is_refused_and_keeps_nobody()
    {
        await using var collector = await CaptureCollector.StartAsync();
        SomeCapture[] captures = [new(1, 1000), new(2, 1000), new(3, 1000)];
        foreach (var capture in captures) capture.WriteTo(Bundles);
        File.WriteAllBytes(Path.Combine(Bundles, captures[0].Id, "report-0.bin"), new byte[1000]);
        File.WriteAllText(Path.Combine(Bundles, captures[1].Id, CaptureManifest.FileName), "{");
        await RunUntilSettledAsync(collector.Collector.Address);
        outbox.Done.Should().Equal(captures[2].Id);
        outbox.Refusals.Should().HaveCount(2);
        outbox.Refusals.Single(refusal => refusal.Id == captures[0].Id).Why.Should().Contain("arrive damaged or incomplete 3 times");
        outbox.Refusals.Single(refusal => refusal.Id == captures[1].Id).Why.Should().Contain("its manifest cannot be read");
        Value(MetricTable.SinkDeadLetters).Should().Be(2);
        Directory.Exists(Path.Combine(Bundles, captures[0].Id)).Should().BeTrue();
        collector.FilesBelow("uploads").Should().BeEmpty();
    }

    [Fact]
    public async Task Broken_links_cost_a_part_and_no_capture()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 3 << 20, 1 << 20);
        capture.WriteTo(Bundles);
        var recorder = new RecordingHandler { BreakEvery = 300_000, BreaksLeft = 3 };
        await RunUntilSettledAsync(collector.Collector.Address, recorder);
        outbox.Done.Should().Equal(capture.Id);
        recorder.BreaksLeft.Should().Be(0);
        readings.Read(MetricTable.SinkFailures).Single(static reading => reading.Labels[1] == "unreachable").Value.Should().Be(3);
        // Each part was sent on from what the collector has: never from beyond what was sent, never from before what it had, always the rest.
        var parts = recorder.Sent.Where(static request => request.StartsWith("PATCH", StringComparison.Ordinal)).Select(static request => Array.ConvertAll(request["PATCH ".Length..].Split('+'), long.Parse)).ToList();
        var (broken, rest) = (parts.Take(3).ToList(), parts[3]);
        broken.Append(rest).Should().OnlyContain(static part => part[0] + part[1] == 3 << 20);
        broken.Append(rest).Select(static part => part[0]).Should().BeInAscendingOrder();
        broken.Zip(parts.Skip(1)).Should().OnlyContain(static pair => pair.Second[0] <= pair.First[0] + 300_000);
        File.ReadAllBytes(Path.Combine(collector.CaptureDirectory, "bundles", capture.Id, "report-0.bin")).Should().Equal(capture.Files["report-0.bin"]);
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(401, "")]
    [InlineData(200, "<html>")]
    [InlineData(400, "<html>")]
    public async Task A_receiver_that_takes_no_captures_is_left_alone_for_a_while(int status, string body)
    {
        new SomeCapture(1, 1000).WriteTo(Bundles);
        var clock = new ManualTimeProvider();
        var answers = new AnsweringHandler((HttpStatusCode)status, body);
        Start(new Uri("http://collector:9461"), answers, clock);
        // The request has a timer too, so the refusal must have been counted.
        await Eventually.HoldsAsync("it pauses", () => Value(MetricTable.SinkRetried) == 1 && clock.ArmedTimers == 1);
        answers.Asked.Should().Be(1);
        clock.Advance(TimeSpan.FromMinutes(4));
        answers.Asked.Should().Be(1);
        outbox.Waiting().Should().HaveCount(1);
        clock.Advance(TimeSpan.FromMinutes(4));
        await Eventually.HoldsAsync("it asks again", () => answers.Asked == 2);
    }

    [Fact]
    public async Task The_throttle_lets_through_what_time_has_earned()
    {
        var clock = new ManualTimeProvider();
        var throttle = new UploadThrottle(1_000_000, clock);
        throttle.StepBytes.Should().Be(250_000);
        await throttle.TakeAsync(250_000, CancellationToken.None);
        var second = throttle.TakeAsync(250_000, CancellationToken.None).AsTask();
        second.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.2));
        second.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.05));
        await second;
        // A pause earns one step and no more.
        clock.Advance(TimeSpan.FromHours(1));
        await throttle.TakeAsync(250_000, CancellationToken.None);
        throttle.TakeAsync(250_000, CancellationToken.None).AsTask().IsCompleted.Should().BeFalse();
    }

    private void Start(Uri endpoint, HttpMessageHandler? handler, TimeProvider clock)
    {
        uploads = new CaptureUploads(new CollectorSettings { Endpoint = endpoint, UploadBytesPerSecond = 10L << 30 }, outbox, ledger, clock, NullLogger<CaptureUploads>.Instance, handler);
        uploads.Register(readings);
        running = uploads.RunAsync(stop.Token);
    }

    private async Task RunUntilSettledAsync(Uri endpoint, HttpMessageHandler? handler = null)
    {
        Start(endpoint, handler, TimeProvider.System);
        await Task.WhenAny(running, outbox.Settled.Task).WaitAsync(Eventually.Patience);
        await stop.CancelAsync();
        await running;
        outbox.Settled.Task.IsCompleted.Should().BeTrue();
    }

    private double Value(NodeMetric metric) => readings.Read(metric).Single().Value;
}
