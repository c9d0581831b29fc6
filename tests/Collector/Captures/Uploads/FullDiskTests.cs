using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Segments;
using Xunit;

namespace Monitoring.Tests.Collector.Captures.Uploads;

public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_refuses_in_words_and_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk("8m");
        await using var running = await CaptureCollector.StartAsync(directory: disk.DirectoryPath);
        var sender = running.Sender;
        var capture = new SomeCapture(1, 3 << 20);
        var bytes = capture.Files["report-0.bin"];
        var upload = await sender.CreateAsync(capture, "report-0.bin", bytes);
        (await sender.PatchAsync(upload, 0, bytes[..(1 << 20)])).Dispose();
        // What fills it is not the collector's own.
        var ballast = Path.Combine(disk.DirectoryPath, "ballast");
        File.WriteAllBytes(ballast, new byte[6 << 20]);

        using (var refused = await sender.PatchAsync(upload, 1 << 20, bytes[(1 << 20)..])) await TusEndpointTests.ShouldBeRefusedAsync(refused, 507, "disk", "Free space on the collector");
        var offset = await sender.OffsetAsync(upload);
        offset.Should().BeInRange(1 << 20, bytes.Length - 1);

        File.Delete(ballast);
        using (var taken = await sender.PatchAsync(upload, offset, bytes[(int)offset..])) TusSender.StateOf(taken).Should().Be(UploadMetadata.FileKept);
        (await sender.UploadAsync(capture, CaptureManifest.FileName, capture.ManifestJson)).Should().Be(UploadMetadata.CaptureDone);
        running.FilesBelow("uploads").Should().BeEmpty();
    }

    [Fact]
    public async Task An_upload_that_would_leave_too_little_is_not_begun()
    {
        using var disk = new SmallDisk("8m");
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.MinFreeBytes = 2 << 20, directory: disk.DirectoryPath);
        var (first, second) = (new SomeCapture(1, 4 << 20), new SomeCapture(2, 3 << 20));
        await running.Sender.CreateAsync(first, "report-0.bin", first.Files["report-0.bin"]);
        // Promised to the first, though nothing of it has come.
        using (var refused = await running.Sender.CreateAsync(second.MetadataOf("report-0.bin", []).Write(), TusSender.Text(3 << 20)))
        {
            await TusEndpointTests.ShouldBeRefusedAsync(refused, 507, "disk_floor", "captures.min_free_bytes (2097152)");
            refused.Headers.RetryAfter.Should().NotBeNull();
        }
        await running.Sender.UploadAsync(first);
    }

    [Fact]
    public async Task A_capture_that_has_begun_leaves_as_much_as_another()
    {
        using var disk = new SmallDisk("8m");
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.MinFreeBytes = 2 << 20, directory: disk.DirectoryPath);
        var capture = new SomeCapture(1, 4 << 20, 3 << 20);
        await running.Sender.UploadAsync(capture, "report-0.bin", capture.Files["report-0.bin"]);
        using var refused = await running.Sender.CreateAsync(capture.MetadataOf("report-1.bin", []).Write(), TusSender.Text(3 << 20));
        await TusEndpointTests.ShouldBeRefusedAsync(refused, 507, "disk_floor", "captures.min_free_bytes (2097152)");
    }

    [Fact]
    public async Task A_disk_that_is_smaller_than_the_limit_makes_room_by_the_oldest()
    {
        using var disk = new SmallDisk("8m");
        await using var running = await CaptureCollector.StartAsync(static settings => settings.Captures.MinFreeBytes = 1 << 20, directory: disk.DirectoryPath);
        SomeCapture[] captures = [new(1, 2 << 20), new(2, 3 << 20) { IsPinned = true }, new(3, 3 << 20)];
        await running.Sender.UploadAsync(captures[0]);
        await running.Sender.UploadAsync(captures[1]);
        using (var refused = await running.Sender.CreateAsync(captures[2].MetadataOf("report-0.bin", captures[2].Files["report-0.bin"]).Write(), TusSender.Text(3 << 20)))
            await TusEndpointTests.ShouldBeRefusedAsync(refused, 507, "disk_floor", "captures.min_free_bytes");
        await running.Collector.Service<Monitoring.Collector.Captures.CaptureKeeper>().RoundAsync(CancellationToken.None);
        running.Catalogue.Find(captures[0].Id).Should().BeNull();
        await running.Sender.UploadAsync(captures[2]);
        running.Catalogue.Find(captures[1].Id)!.Manifest.Should().NotBeNull();
    }
}
