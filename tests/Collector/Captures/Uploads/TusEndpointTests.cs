using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Captures.Uploads;

public sealed class TusEndpointTests
{
    private static readonly SomeCapture Capture = new(1, 1000, 0);
    private static readonly byte[] Report = Capture.Files["report-0.bin"];

    [Fact]
    public async Task Options_say_what_the_server_can_do()
    {
        await using var running = await CaptureCollector.StartAsync();
        using var answer = await running.Sender.SendAsync(HttpMethod.Options, new Uri(UploadMetadata.Path, UriKind.Relative), null, ("Tus-Resumable", ""));
        answer.StatusCode.Should().Be(HttpStatusCode.NoContent);
        Header(answer, "Tus-Resumable").Should().Be("1.0.0");
        Header(answer, "Tus-Version").Should().Be("1.0.0");
        Header(answer, "Tus-Extension").Should().Be("creation,termination,checksum,expiration");
        Header(answer, "Tus-Checksum-Algorithm").Should().Be("sha256");
        Header(answer, "Tus-Max-Size").Should().Be((4L << 30).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_file_comes_in_parts_and_the_capture_with_its_manifest()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        var upload = await sender.CreateAsync(Capture, "report-0.bin", Report);
        (await sender.OffsetAsync(upload)).Should().Be(0);
        using (var first = await sender.PatchAsync(upload, 0, Report[..300]))
        {
            first.StatusCode.Should().Be(HttpStatusCode.NoContent);
            Header(first, "Upload-Offset").Should().Be("300");
            Header(first, "Upload-Expires").Should().EndWith("GMT");
            TusSender.StateOf(first).Should().BeEmpty();
        }
        using (var head = await sender.HeadAsync(upload))
        {
            Header(head, "Upload-Offset").Should().Be("300");
            Header(head, "Upload-Length").Should().Be("1000");
            Header(head, "Upload-Metadata").Should().Be(Capture.MetadataOf("report-0.bin", Report).Write());
            head.Headers.CacheControl!.NoStore.Should().BeTrue();
        }
        using (var last = await sender.PatchAsync(upload, 300, Report[300..]))
        {
            Header(last, "Upload-Offset").Should().Be("1000");
            TusSender.StateOf(last).Should().Be(UploadMetadata.FileKept);
        }
        // An empty file is complete when it is begun.
        (await sender.UploadAsync(Capture, "report-1.bin", [])).Should().Be(UploadMetadata.FileKept);
        running.Catalogue.Find(Capture.Id).Should().BeNull();
        (await sender.UploadAsync(Capture, CaptureManifest.FileName, Capture.ManifestJson)).Should().Be(UploadMetadata.CaptureDone);

        running.Catalogue.Find(Capture.Id)!.Manifest!.Files.Should().HaveCount(2);
        running.FilesBelow().Should().Equal($"bundles/{Capture.Id}/manifest.json", $"bundles/{Capture.Id}/report-0.bin", $"bundles/{Capture.Id}/report-1.bin");
        File.ReadAllBytes(Path.Combine(running.CaptureDirectory, "bundles", Capture.Id, "report-0.bin")).Should().Equal(Report);
    }

    [Fact]
    public async Task The_same_capture_again_is_done_and_nothing_is_doubled()
    {
        await using var running = await CaptureCollector.StartAsync();
        await running.Sender.UploadAsync(Capture);
        var files = running.FilesBelow();
        for (var life = 0; life < 2; life++)
        {
            foreach (var (name, bytes) in Capture.All) (await running.Sender.UploadAsync(Capture, name, bytes)).Should().Be(UploadMetadata.CaptureDone);
            running.FilesBelow().Should().Equal(files);
            await running.RestartAsync();
        }
        var other = new SomeCapture(1, 1000, 0) { Words = "another" };
        using var refused = await running.Sender.CreateAsync(other.MetadataOf(CaptureManifest.FileName, other.ManifestJson).Write(), "100");
        await ShouldBeRefusedAsync(refused, 409, "conflict", "one id is one capture");
    }

    [Fact]
    public async Task Files_of_another_node_than_was_asked_are_not_taken()
    {
        await using var running = await CaptureCollector.StartAsync();
        running.Catalogue.Requested(Capture.Request);
        var other = new SomeCapture(1, 1000) { Node = "node-2" };
        using (var refused = await running.Sender.CreateAsync(other.MetadataOf("report-0.bin", other.Files["report-0.bin"]).Write(), "1000"))
            await ShouldBeRefusedAsync(refused, 409, "conflict", "is one of node 'node-1', the upload's metadata says 'node-2'");
        (await running.Sender.UploadAsync(Capture, "report-0.bin", Report)).Should().Be(UploadMetadata.FileKept);
    }

    [Fact]
    public async Task A_file_that_is_here_is_not_sent_again_after_a_restart()
    {
        await using var running = await CaptureCollector.StartAsync();
        await running.Sender.UploadAsync(Capture, "report-0.bin", Report);
        await running.RestartAsync();
        (await running.Sender.UploadAsync(Capture, "report-0.bin", Report)).Should().Be(UploadMetadata.FileKept);
        await running.Sender.UploadAsync(Capture, "report-1.bin", []);
        (await running.Sender.UploadAsync(Capture, CaptureManifest.FileName, Capture.ManifestJson)).Should().Be(UploadMetadata.CaptureDone);
    }

    [Fact]
    public async Task A_manifest_without_its_files_names_them_and_changes_nothing()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        await sender.UploadAsync(Capture, "report-1.bin", []);
        // Damaged on the disk, found after a restart.
        await sender.UploadAsync(Capture, "report-0.bin", Report);
        await running.RestartAsync(() => File.WriteAllBytes(Path.Combine(running.CaptureDirectory, "staging", Capture.Id, "report-0.bin"), new byte[1000]));
        sender = running.Sender;
        var manifest = await sender.CreateAsync(Capture, CaptureManifest.FileName, Capture.ManifestJson);
        using (var refused = await sender.PatchAsync(manifest, 0, Capture.ManifestJson))
        {
            var body = await ShouldBeRefusedAsync(refused, 409, "incomplete", "report-0.bin");
            body.GetProperty("missing").EnumerateArray().Select(static name => name.GetString()).Should().Equal("report-0.bin");
        }
        (await sender.UploadAsync(Capture, "report-0.bin", Report)).Should().Be(UploadMetadata.FileKept);
        (await sender.UploadAsync(Capture, CaptureManifest.FileName, Capture.ManifestJson)).Should().Be(UploadMetadata.CaptureDone);
    }

    [Fact]
    public async Task A_file_with_another_hash_is_sent_again()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        var upload = await sender.CreateAsync(Capture, "report-0.bin", Report);
        using (var refused = await sender.PatchAsync(upload, 0, new byte[1000]))
            await ShouldBeRefusedAsync(refused, 460, "checksum", "send it again");
        using (var gone = await sender.HeadAsync(upload)) gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        running.FilesBelow().Should().BeEmpty();
        (await sender.UploadAsync(Capture, "report-0.bin", Report)).Should().Be(UploadMetadata.FileKept);
    }

    [Fact]
    public async Task A_part_with_another_checksum_is_as_if_it_had_not_come()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        var upload = await sender.CreateAsync(Capture, "report-0.bin", Report);
        (await sender.PatchAsync(upload, 0, Report[..300], ("Upload-Checksum", "sha256 " + Convert.ToBase64String(SHA256.HashData(Report[..300]))))).StatusCode.Should().Be(HttpStatusCode.NoContent);
        using (var refused = await sender.PatchAsync(upload, 300, new byte[200], ("Upload-Checksum", "sha256 " + Convert.ToBase64String(SHA256.HashData(Report)))))
            await ShouldBeRefusedAsync(refused, 460, "checksum", "send them again");
        (await sender.OffsetAsync(upload)).Should().Be(300);
        foreach (var wrong in (string[])["md5 MTIz", "sha256", "sha256 MTIz", "sha256 ??"])
            using (var refused = await sender.PatchAsync(upload, 300, Report[300..], ("Upload-Checksum", wrong)))
                await ShouldBeRefusedAsync(refused, 400, "request", "Upload-Checksum");
        using var taken = await sender.PatchAsync(upload, 300, Report[300..]);
        TusSender.StateOf(taken).Should().Be(UploadMetadata.FileKept);
    }

    [Fact]
    public async Task Offsets_versions_types_and_lengths_are_held_to_the_protocol()
    {
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.MaxFileBytes = 1 << 20);
        var sender = running.Sender;
        var metadata = Capture.MetadataOf("report-0.bin", Report).Write();
        var upload = await sender.CreateAsync(Capture, "report-0.bin", Report);
        using (var wrong = await sender.PatchAsync(upload, 1, Report[..10])) await ShouldBeRefusedAsync(wrong, 409, "offset", "Upload-Offset is 1, expected 0");
        using (var wrong = await sender.PatchAsync(upload, 0, [.. Report, 0])) await ShouldBeRefusedAsync(wrong, 413, "too_large", "beyond the Upload-Length of 1000");
        using (var wrong = await sender.PatchAsync(upload, 0, Report, ("Content-Type", "application/octet-stream"))) await ShouldBeRefusedAsync(wrong, 415, "request", "application/offset+octet-stream");
        using (var wrong = await sender.PatchAsync(upload, 0, Report, ("Tus-Resumable", "0.2.2")))
        {
            await ShouldBeRefusedAsync(wrong, 412, "version", "expected 1.0.0");
            Header(wrong, "Tus-Version").Should().Be("1.0.0");
        }
        using (var wrong = await sender.SendAsync(HttpMethod.Patch, upload, Report, ("Upload-Offset", "-1"))) await ShouldBeRefusedAsync(wrong, 400, "request", "Upload-Offset");
        (await sender.OffsetAsync(upload)).Should().Be(0);

        using (var wrong = await sender.CreateAsync(metadata, null)) await ShouldBeRefusedAsync(wrong, 400, "request", "Upload-Length");
        using (var wrong = await sender.CreateAsync(metadata, "-1")) await ShouldBeRefusedAsync(wrong, 400, "request", "Upload-Length is '-1'");
        using (var wrong = await sender.CreateAsync(metadata, null, ("Upload-Defer-Length", "1"))) await ShouldBeRefusedAsync(wrong, 400, "request", "Upload-Defer-Length is not supported");
        using (var wrong = await sender.CreateAsync(metadata, TusSender.Text((1 << 20) + 1))) await ShouldBeRefusedAsync(wrong, 413, "too_large", "1048576 are the limit");
        using (var wrong = await sender.CreateAsync("capture MTIz", "1")) await ShouldBeRefusedAsync(wrong, 400, "metadata", "capture of Upload-Metadata is '123'");
        using (var wrong = await sender.SendAsync(HttpMethod.Get, upload, null)) await ShouldBeRefusedAsync(wrong, 405, "request", "HEAD");

        // The refused requests broke nothing, and a body beyond the limit of pushes is taken.
        var large = new SomeCapture(2, 9 << 20);
        using (var taken = await sender.PatchAsync(upload, 0, Report)) TusSender.StateOf(taken).Should().Be(UploadMetadata.FileKept);
        await using var roomy = await CaptureCollector.StartAsync();
        await roomy.Sender.UploadAsync(large);
    }

    [Fact]
    public async Task An_upload_is_taken_back_also_through_a_proxy_that_knows_only_post()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        var upload = await sender.CreateAsync(Capture, "report-0.bin", Report);
        using (var patched = await sender.SendAsync(HttpMethod.Post, upload, Report[..10], ("Upload-Offset", "0"), ("X-HTTP-Method-Override", "PATCH"))) patched.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await sender.OffsetAsync(upload)).Should().Be(10);
        using (var deleted = await sender.SendAsync(HttpMethod.Delete, upload, null)) deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using (var gone = await sender.HeadAsync(upload)) gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        running.FilesBelow().Should().BeEmpty();
    }

    [Fact]
    public async Task One_request_at_a_time_writes_and_what_broke_off_is_kept()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        // The server cuts who sends fewer than 240 bytes a second; what is sent here lasts for minutes.
        var capture = new SomeCapture(1, 100_000);
        var report = capture.Files["report-0.bin"];
        var upload = await sender.CreateAsync(capture, "report-0.bin", report);
        using var body = new PausingContent(report, 60_000);
        using var link = new CancellationTokenSource();
        var sending = SendSlowlyAsync(running.Collector.Client, upload, body, link.Token);
        await body.Paused;
        // Nothing else is asked for before: it might hold the upload just when the slow request comes, which would be refused then. What the
        // server has not read when the link breaks may be lost on the way.
        await Eventually.HoldsAsync("what was sent is written", () => Directory.GetFiles(Path.Combine(running.CaptureDirectory, "uploads"), "*.data").Sum(static path => new FileInfo(path).Length) == 60_000);
        using (var locked = await sender.PatchAsync(upload, 0, report)) await ShouldBeRefusedAsync(locked, 423, "locked", "being written by another request");
        using (var locked = await sender.SendAsync(HttpMethod.Delete, upload, null)) await ShouldBeRefusedAsync(locked, 423, "locked", "another request");
        using (var again = await sender.CreateAsync(capture.MetadataOf("report-0.bin", report).Write(), "100000")) await ShouldBeRefusedAsync(again, 423, "locked", "another request");

        await link.CancelAsync();
        await sending.Should().ThrowAsync<OperationCanceledException>();
        // The server hears of a broken link when its socket does.
        await Eventually.HoldsAsync("what came before the link broke is kept", async () => await sender.OffsetAsync(upload) == 60_000);
        await Eventually.HoldsAsync("the rest is taken", async () => (int)(await sender.PatchAsync(upload, 60_000, report[60_000..])).StatusCode == 204);
    }

    [Fact]
    public async Task An_upload_begun_anew_takes_the_place_of_the_former()
    {
        await using var running = await CaptureCollector.StartAsync();
        var sender = running.Sender;
        var first = await sender.CreateAsync(Capture, "report-0.bin", Report);
        var second = await sender.CreateAsync(Capture, "report-0.bin", Report);
        second.Should().NotBe(first);
        using (var gone = await sender.HeadAsync(first)) gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        running.FilesBelow("uploads").Should().HaveCount(2);
    }

    [Fact]
    public async Task What_rests_for_too_long_is_removed()
    {
        var clock = new ManualTimeProvider(SomeCapture.Start);
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.UploadExpiry = TimeSpan.FromHours(1), clock);
        var sender = running.Sender;
        var upload = await sender.CreateAsync(Capture, "report-0.bin", Report);
        await sender.UploadAsync(Capture, "report-1.bin", []);
        clock.Advance(TimeSpan.FromMinutes(40));
        (await sender.PatchAsync(upload, 0, Report[..10])).Dispose();
        clock.Advance(TimeSpan.FromMinutes(40));
        (await sender.OffsetAsync(upload)).Should().Be(10);
        await running.RestartAsync();
        sender = running.Sender;
        (await sender.OffsetAsync(new Uri(running.Collector.Address, upload.PathAndQuery))).Should().Be(10);

        clock.Advance(TimeSpan.FromMinutes(21));
        using (var gone = await sender.HeadAsync(new Uri(running.Collector.Address, upload.PathAndQuery))) gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await running.Collector.Service<Monitoring.Collector.Captures.CaptureKeeper>().RoundAsync(CancellationToken.None);
        running.FilesBelow().Should().BeEmpty();
    }

    [Fact]
    public async Task Uploads_are_bounded_in_number_and_bytes()
    {
        await using var running = await CaptureCollector.StartAsync(static settings =>
        {
            settings.Captures.MaxUploads = 2;
            settings.Captures.MaxBytes = settings.Captures.MaxFileBytes = 4 << 20;
        });
        var sender = running.Sender;
        var (first, second) = (new SomeCapture(1, 3 << 20), new SomeCapture(2, 2 << 20));
        await sender.CreateAsync(first, "report-0.bin", first.Files["report-0.bin"]);
        using (var refused = await sender.CreateAsync(second.MetadataOf("report-0.bin", []).Write(), TusSender.Text(2 << 20))) await ShouldBeRefusedAsync(refused, 507, "quota", "captures.max_bytes (4194304)");
        await sender.CreateAsync(second, "small.bin", [1]);
        using (var refused = await sender.CreateAsync(second.MetadataOf("other.bin", [1]).Write(), "1"))
        {
            await ShouldBeRefusedAsync(refused, 503, "too_many", "captures.max_uploads");
            refused.Headers.RetryAfter.Should().NotBeNull();
        }
        (await running.Collector.GetAsync("/metrics")).Should().Contain("gpu_collector_uploads_refused_total{reason=\"quota\"} 1").And.Contain("gpu_collector_uploads_open 2");
    }

    [Fact]
    public async Task Captures_that_have_begun_come_whole_however_many_others_want_to_begin()
    {
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.MaxUploads = 2);
        var sender = running.Sender;
        SomeCapture[] captures = [new(1, 100, 200), new(2, 100, 200), new(3, 100, 200)];
        // The file of the second is still on its way while the first has nothing but a small one here.
        await sender.UploadAsync(captures[0], "report-0.bin", captures[0].Files["report-0.bin"]);
        var second = await sender.CreateAsync(captures[1], "report-0.bin", captures[1].Files["report-0.bin"]);
        foreach (var name in (string[])["report-0.bin", "report-1.bin"])
            using (var refused = await sender.CreateAsync(captures[2].MetadataOf(name, captures[2].Files[name]).Write(), TusSender.Text(captures[2].Files[name].Length)))
                await ShouldBeRefusedAsync(refused, 503, "too_many", "1 uploads of 2 captures are under way");
        (await sender.PatchAsync(second, 0, captures[1].Files["report-0.bin"])).Dispose();

        foreach (var name in (string[])["report-1.bin", CaptureManifest.FileName])
            foreach (var capture in captures[..2])
                await sender.UploadAsync(capture, name, capture.All.Single(file => file.Name == name).Bytes);
        await sender.UploadAsync(captures[2]);

        captures.Should().OnlyContain(capture => running.Catalogue.Find(capture.Id)!.Manifest != null);
        running.FilesBelow("staging").Should().BeEmpty();
    }

    [Fact]
    public async Task More_captures_than_may_begin_come_whole_where_an_earlier_life_let_them_begin()
    {
        var limit = 3;
        await using var running = await CaptureCollector.StartAsync(settings => settings.Captures.MaxUploads = limit);
        SomeCapture[] captures = [new(1, 100), new(2, 100), new(3, 100)];
        foreach (var capture in captures) await running.Sender.UploadAsync(capture, "report-0.bin", capture.Files["report-0.bin"]);
        await running.RestartAsync(() => limit = 1);

        foreach (var capture in captures) (await running.Sender.UploadAsync(capture, CaptureManifest.FileName, capture.ManifestJson)).Should().Be(UploadMetadata.CaptureDone);
    }

    [Fact]
    public async Task Captures_that_have_begun_do_not_keep_each_other_waiting_for_bytes()
    {
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.MaxBytes = settings.Captures.MaxFileBytes = 4 << 20);
        var sender = running.Sender;
        SomeCapture[] captures = [new(1, 1 << 20, 2 << 20), new(2, 1 << 20, 2 << 20), new(3, 1 << 20)];
        foreach (var name in (string[])["report-0.bin", "report-1.bin"])
            foreach (var capture in captures[..2])
                await sender.UploadAsync(capture, name, capture.Files[name]);
        using (var refused = await sender.CreateAsync(captures[2].MetadataOf("report-0.bin", captures[2].Files["report-0.bin"]).Write(), TusSender.Text(1 << 20)))
            await ShouldBeRefusedAsync(refused, 507, "quota", "beside 6291456 of captures that are pinned, under way");
        // One that has no room by itself has none.
        using (var refused = await sender.CreateAsync(captures[0].MetadataOf("other.bin", []).Write(), TusSender.Text(2 << 20)))
            await ShouldBeRefusedAsync(refused, 507, "quota", "beside 3145728 of captures");

        foreach (var capture in captures[..2]) (await sender.UploadAsync(capture, CaptureManifest.FileName, capture.ManifestJson)).Should().Be(UploadMetadata.CaptureDone);
        await running.Collector.Service<Monitoring.Collector.Captures.CaptureKeeper>().RoundAsync(CancellationToken.None);
        await sender.UploadAsync(captures[2]);
    }

    [Fact]
    public async Task Without_a_directory_uploads_are_refused_in_words()
    {
        await using var collector = await RunningCollector.StartAsync();
        using var answer = await new TusSender(collector.Client).CreateAsync("capture MTIz", "1");
        await ShouldBeRefusedAsync(answer, 503, "closed", "set state_directory or captures.directory");
        (await collector.GetAsync("/api/v1/captures")).Should().Be("""{"captures":[],"next":null}""");
    }

    internal static async Task<JsonElement> ShouldBeRefusedAsync(HttpResponseMessage answer, int status, string reason, string words)
    {
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).Should().Be(status, text);
        using var body = JsonDocument.Parse(text);
        body.RootElement.GetProperty("reason").GetString().Should().Be(reason);
        body.RootElement.GetProperty("error").GetString().Should().Contain(words);
        return body.RootElement.Clone();
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(",", answer.Headers.TryGetValues(name, out var values) ? values : []);

    private static Func<Task> SendSlowlyAsync(HttpClient client, Uri upload, HttpContent body, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, upload) { Content = body };
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Upload-Offset", "0");
        request.Content.Headers.ContentType = new("application/offset+octet-stream");
        var sending = client.SendAsync(request, cancellationToken);
        return () => sending;
    }
}
