using System.Formats.Tar;
using System.Net;
using FluentAssertions;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Captures.Buckets;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Captures.Buckets;

/// <summary>Captures in a bucket of a real S3 server.</summary>
public sealed class BucketTests
{
    // Beyond a part, so that it goes in four.
    private const int LargeBytes = 17 << 20;

    [Fact]
    public async Task A_capture_goes_to_the_bucket_in_parts_and_is_read_from_it_in_ranges()
    {
        await using var server = await RunningS3.StartAsync();
        await using var running = await CaptureCollector.StartAsync(settings => settings.Captures.Bucket = server.Settings);
        var capture = new SomeCapture(1, LargeBytes, 0, 33).With(CaptureManifest.SummaryFileName, """[{"profiler":"nsys_system","triage":["idle"]}]""");
        await running.Sender.UploadAsync(capture);
        await UntilMovedAsync(running);

        (await server.KeysAsync()).Should().Equal(capture.All.Select(file => $"captures/{capture.Id}/{file.Name}").Order(StringComparer.Ordinal));
        running.FilesBelow().Should().Equal($"index/{capture.Id}/manifest.json", $"index/{capture.Id}/summary.json");
        var path = $"/api/v1/captures/{capture.Id}";
        var bytes = capture.Files["report-0.bin"];
        (await running.Collector.Client.GetByteArrayAsync(new Uri(path + "/files/report-0.bin", UriKind.Relative))).Should().Equal(bytes);
        using (var part = await running.Collector.AskAsync(path + "/files/report-0.bin", ("Range", "bytes=5242870-5242889")))
        {
            part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
            (await part.Content.ReadAsByteArrayAsync()).Should().Equal(bytes[5242870..5242890]);
        }
        (await running.Collector.Client.GetByteArrayAsync(new Uri(path + "/files/report-1.bin", UriKind.Relative))).Should().BeEmpty();
        (await running.Collector.GetAsync(path)).Should().Contain("\"triage\":[\"idle\"]");
        using (var tar = new TarReader(await running.Collector.Client.GetStreamAsync(new Uri(path + "/bundle.tar", UriKind.Relative))))
        {
            var names = new List<string>();
            while (await tar.GetNextEntryAsync() is { } entry) names.Add(entry.Name);
            names.Should().HaveCount(5);
        }

        // All that the collector knew is lost: the bucket says it again.
        await running.RestartAsync(() => Directory.Delete(running.CaptureDirectory, recursive: true));
        await Eventually.HoldsAsync("the bucket says what it holds", () => running.Catalogue.Find(capture.Id)?.Manifest is not null);
        (await running.Collector.GetAsync("/api/v1/captures?text=idle")).Should().Contain(capture.Id);
        (await running.Collector.Client.DeleteAsync(new Uri(path, UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await server.KeysAsync()).Should().BeEmpty();
        running.FilesBelow().Should().BeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_gets_the_capture_when_it_lives_again()
    {
        await using var server = await RunningS3.StartAsync();
        var clock = new ManualTimeProvider(SomeCapture.Start);
        await using var running = await CaptureCollector.StartAsync(settings => settings.Captures.Bucket = server.Settings, clock);
        var capture = new SomeCapture(1, 3 * LargeBytes);
        await running.Sender.UploadAsync(capture);
        // The first part has come; the file is not there yet.
        await Eventually.HoldsAsync("a part comes", () => HasPartsAsync(server));
        await server.KillAsync();

        await Eventually.HoldsAsync("the bucket is missed", () => running.Collector.Service<CaptureTally>().Failed.Any(static failure => failure is { Key: "unreachable", Value: > 0 }));
        running.Collector.Service<BucketCaptureFiles>().Waiting.Count.Should().Be(1);
        (await running.Collector.Client.GetByteArrayAsync(new Uri($"/api/v1/captures/{capture.Id}/files/report-0.bin", UriKind.Relative))).Should().Equal(capture.Files["report-0.bin"]);

        await server.StartAgainAsync();
        // The collector dies too: what it had begun in the bucket is aborted, and the capture sent once.
        await running.RestartAsync();
        await UntilMovedAsync(running, clock);
        (await server.KeysAsync()).Should().Equal($"captures/{capture.Id}/manifest.json", $"captures/{capture.Id}/report-0.bin");
        (await HasPartsAsync(server)).Should().BeFalse();
        (await running.Collector.Client.GetByteArrayAsync(new Uri($"/api/v1/captures/{capture.Id}/files/report-0.bin", UriKind.Relative))).Should().Equal(capture.Files["report-0.bin"]);
    }

    [Fact]
    public async Task What_is_wrong_with_the_bucket_is_said_in_words()
    {
        await using var server = await RunningS3.StartAsync();
        await ShouldFailAsync(server.Settings, static settings => settings.SecretKey = "wrong", "credentials", "captures.bucket.secret_key is not the secret of access key test");
        await ShouldFailAsync(server.Settings, static settings => settings.AccessKey = "nobody", "credentials", "access key nobody");
        await ShouldFailAsync(server.Settings, static settings => settings.Name = "other", "no_bucket", "bucket other at http://127.0.0.1");
        await server.KillAsync();
        await ShouldFailAsync(server.Settings, static settings => settings.Timeout = TimeSpan.FromSeconds(5), "unreachable", "cannot be reached: Connection refused");
    }

    [Fact]
    public async Task Halves_of_captures_in_the_bucket_are_removed_and_what_is_not_ours_stays()
    {
        await using var server = await RunningS3.StartAsync();
        using (var client = server.Client)
        {
            foreach (var key in (string[])[$"captures/{SomeCapture.IdOf(1)}/report-0.bin", "captures/readme.txt", $"other/{SomeCapture.IdOf(1)}/report-0.bin"])
                await client.PutObjectAsync(new() { BucketName = RunningS3.Bucket, Key = key, ContentBody = "text" });
            await client.InitiateMultipartUploadAsync(RunningS3.Bucket, $"captures/{SomeCapture.IdOf(2)}/report-0.bin");
        }
        await using var running = await CaptureCollector.StartAsync(settings => settings.Captures.Bucket = server.Settings);
        var capture = new SomeCapture(3, 10);
        await running.Sender.UploadAsync(capture);
        await UntilMovedAsync(running);
        (await server.KeysAsync()).Should().BeEquivalentTo("captures/readme.txt", $"other/{SomeCapture.IdOf(1)}/report-0.bin", $"captures/{capture.Id}/manifest.json", $"captures/{capture.Id}/report-0.bin");
        (await HasPartsAsync(server)).Should().BeFalse();
    }

    [Fact]
    public async Task What_is_removed_while_it_waits_never_comes_to_the_bucket()
    {
        await using var server = await RunningS3.StartAsync();
        await server.KillAsync();
        await using var running = await CaptureCollector.StartAsync(settings =>
        {
            settings.Captures.Bucket = server.Settings;
            settings.Captures.Bucket.Timeout = TimeSpan.FromSeconds(5);
        });
        await running.Sender.UploadAsync(new SomeCapture(1, 1000));
        await running.Sender.UploadAsync(new SomeCapture(2, 1000));
        (await running.Collector.GetAsync("/metrics")).Should().Contain("gpu_collector_captures_waiting 2");
        (await running.Collector.Client.DeleteAsync(new Uri($"/api/v1/captures/{SomeCapture.IdOf(1)}", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await server.StartAgainAsync();
        await UntilMovedAsync(running);
        (await server.KeysAsync()).Should().Equal($"captures/{SomeCapture.IdOf(2)}/manifest.json", $"captures/{SomeCapture.IdOf(2)}/report-0.bin");
        running.FilesBelow().Should().OnlyContain(static path => path.StartsWith($"index/{SomeCapture.IdOf(2)}"));
    }

    private static async Task ShouldFailAsync(BucketSettings settings, Action<BucketSettings> change, string reason, string words)
    {
        change(settings);
        using var bucket = new CaptureBucket(settings);
        var path = Path.GetTempFileName();
        try
        {
            foreach (var call in (Func<Task>[])[() => bucket.PutAsync("a", path, CancellationToken.None), () => bucket.ReadAsync("a", 100, CancellationToken.None), () => bucket.AbortLeftoversAsync(CancellationToken.None)])
            {
                var fault = (await call.Should().ThrowAsync<CaptureStoreException>()).Which;
                fault.Message.Should().Contain(words).And.NotContain("test-secret");
                fault.Reason.Should().Be(reason);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<bool> HasPartsAsync(RunningS3 server)
    {
        using var client = server.Client;
        return (await client.ListMultipartUploadsAsync(RunningS3.Bucket)).MultipartUploads.Count > 0;
    }

    /// <summary>Waits until the bucket has everything and the copies are gone, which follows.</summary>
    private static Task UntilMovedAsync(CaptureCollector running, ManualTimeProvider? clock = null) => Eventually.HoldsAsync("everything is in the bucket", () =>
    {
        clock?.Advance(TimeSpan.FromSeconds(1));
        return running.Collector.Service<BucketCaptureFiles>().Waiting.Count == 0 && running.FilesBelow("bundles").Count + running.FilesBelow("trash").Count == 0;
    });
}
