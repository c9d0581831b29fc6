using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Captures;

/// <summary>Bundles that are whole and yet not what a node of ours would write: none of them may cost the others anything.</summary>
public sealed class BadBundleTests
{
    [Theory]
    [InlineData("[{\"profiler\":\"nsys_system\",\"triage\":[{\"words\":\"idle \\ud800\"}]}]")]
    [InlineData("[{\"profiler\":\"nsys_system\",\"tool\":\"\\udc00\"}]")]
    [InlineData("[{\"profiler\":\"nsys_system\",\"\\ud800\":\"x\"}]")]
    [InlineData("[{\"profiler\":\"nsys_system\",\"tool\":\"\xff\"}]")]
    [InlineData("no JSON")]
    public async Task A_summary_with_no_text_in_it_is_kept_and_the_collector_lives_on(string summary)
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 10);
        capture.Files[CaptureManifest.SummaryFileName] = Encoding.Latin1.GetBytes(summary);
        await running.Sender.UploadAsync(capture);
        await running.Sender.UploadAsync(new SomeCapture(2, 10));

        await running.RestartAsync();

        running.Catalogue.Find(capture.Id)!.Manifest.Should().NotBeNull();
        running.Catalogue.Find(SomeCapture.IdOf(2)).Should().NotBeNull();
        using var shown = JsonDocument.Parse(await running.Collector.GetAsync("/api/v1/captures/" + capture.Id));
        shown.RootElement.GetProperty("manifest").ValueKind.Should().Be(JsonValueKind.Object);
        (await running.Collector.AskAsync("/api/v1/captures/" + capture.Id + "/files/summary.json")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_bundle_that_the_disk_cannot_read_does_not_keep_the_others_away()
    {
        await using var running = await CaptureCollector.StartAsync();
        await running.Sender.UploadAsync(new SomeCapture(1, 10));
        await running.Sender.UploadAsync(new SomeCapture(2, 10));

        await running.RestartAsync(() => Directory.CreateDirectory(Path.Combine(running.CaptureDirectory, "bundles", SomeCapture.IdOf(1), CaptureManifest.SummaryFileName)));

        running.Catalogue.Find(SomeCapture.IdOf(1)).Should().BeNull();
        running.Catalogue.Find(SomeCapture.IdOf(2)).Should().NotBeNull();
        (await running.Sender.UploadAsync(new SomeCapture(3, 10), "report-0.bin", new SomeCapture(3, 10).Files["report-0.bin"])).Should().Be(UploadMetadata.FileKept);
    }

    [Theory]
    [InlineData("files")]
    [InlineData("gpus")]
    [InlineData("runs")]
    [InlineData("processes")]
    public async Task A_manifest_with_null_in_a_list_is_refused(string list)
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 10);
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(capture.ManifestJson)!;
        manifest[list]!.AsArray().Add(null);
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        var upload = await running.Sender.CreateAsync(capture, CaptureManifest.FileName, bytes);

        using var answer = await running.Sender.PatchAsync(upload, 0, bytes);

        await Uploads.TusEndpointTests.ShouldBeRefusedAsync(answer, 422, "manifest", "is null");
    }

    [Fact]
    public async Task A_media_type_that_no_header_may_hold_is_replaced()
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 10);
        var bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(capture.ManifestJson).Replace("application/octet-stream", "text/\u00e9\u4e2d", StringComparison.Ordinal));
        await running.Sender.UploadAsync(capture, "report-0.bin", capture.Files["report-0.bin"]);
        (await running.Sender.UploadAsync(capture, CaptureManifest.FileName, bytes)).Should().Be(UploadMetadata.CaptureDone);

        using var answer = await running.Collector.AskAsync($"/api/v1/captures/{capture.Id}/files/report-0.bin");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/octet-stream");
    }

    [Fact]
    public async Task An_empty_file_that_the_disk_refused_can_be_sent_again()
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1).With("kernel.log", "");
        var metadata = capture.MetadataOf("kernel.log", []).Write();
        // Where its folder would be made.
        var inTheWay = Path.Combine(running.CaptureDirectory, "staging", capture.Id);
        await File.WriteAllTextAsync(inTheWay, "");
        using (var refused = await running.Sender.CreateAsync(metadata, "0")) ((int)refused.StatusCode).Should().Be(507);
        File.Delete(inTheWay);

        using var again = await running.Sender.CreateAsync(metadata, "0");

        ((int)again.StatusCode).Should().Be(201, await again.Content.ReadAsStringAsync());
        again.Headers.GetValues(UploadMetadata.StateHeader).Should().Equal(UploadMetadata.FileKept);
    }
}
